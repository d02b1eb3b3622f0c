"""The git bundle that carries the template's versions: how a wheel gets it, and how nngen keeps it.

Each version is one commit without a parent that holds only what rendering needs. Author and date are fixed, so
the same content is the same commit on every machine. The standard library alone is used, and nothing is imported
from the package, since the build hook loads this file by its path.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

NAME = "templates.bundle"
CONTENT = ("copier.yml", "templates", "generator/nngen", "schemas")

_TAGS = "refs/tags/"
_IDENTITY = {
    "GIT_AUTHOR_NAME": "nngen",
    "GIT_AUTHOR_EMAIL": "nngen@localhost",
    "GIT_AUTHOR_DATE": "2000-01-01T00:00:00+0000",
    "GIT_COMMITTER_NAME": "nngen",
    "GIT_COMMITTER_EMAIL": "nngen@localhost",
    "GIT_COMMITTER_DATE": "2000-01-01T00:00:00+0000",
}


class BundleError(Exception):
    """git is missing, or did not do what it was asked for."""


def heads(bundle: Path) -> dict[str, str]:
    """Return the references of a bundle with their commits; none when the file is missing or damaged."""
    try:
        content = bundle.read_bytes()
    except OSError:
        return {}
    header, _, pack = content.partition(b"\n\n")
    signature, *lines = header.decode("utf-8", "replace").split("\n")
    if signature != "# v2 git bundle" or hashlib.sha1(pack[:-20]).digest() != pack[-20:]:
        return {}
    return {name: commit for commit, _, name in (line.partition(" ") for line in lines)}


def tag_of_head(bundle: Path) -> str:
    """Return the version that a bundle was made for."""
    references = heads(bundle)
    for name, commit in references.items():
        if name.startswith(_TAGS) and commit == references.get("HEAD"):
            return name.removeprefix(_TAGS)
    raise BundleError(f"{bundle} is damaged; install nngen again")


def build(root: Path, bundle: Path, version: str) -> None:
    """Write a bundle of every released version of the checkout `root`, and of its files as they are.

    The files as they are get the tag v<version> when that is a tag of the checkout with the same content; else
    v<version>+<number of commits>.<commit>, so that no two contents ever share a name.
    """
    in_git = _is_checkout(root)
    with tempfile.TemporaryDirectory(prefix="nngen-bundle-") as temporary:
        repo = Path(temporary) / "repo.git"
        _git("init", "--quiet", "--bare", str(repo))
        if in_git:  # the objects of the checkout are borrowed, not copied
            objects = _git("rev-parse", "--path-format=absolute", "--git-path", "objects", cwd=root).strip()
            (repo / "objects/info/alternates").write_text(objects + "\n", encoding="utf-8")
        released = {tag: _commit_tag(repo, root, tag) for tag in (_release_tags(root) if in_git else [])}
        head = _commit_files(repo, root, _files(root, in_git))
        if released.get(f"v{version}") != head:
            count = _git("rev-list", "--count", "HEAD", cwd=root).strip() if in_git else "0"
            released[f"v{version}+{count}.{head[:10]}"] = head
        for tag, commit in released.items():
            _git("update-ref", _TAGS + tag, commit, cwd=repo)
        _git("update-ref", "refs/heads/main", head, cwd=repo)
        _git("symbolic-ref", "HEAD", "refs/heads/main", cwd=repo)
        _git("bundle", "create", "--quiet", str(bundle), "HEAD", "--branches", "--tags", cwd=repo)


def keep(packaged: Path, kept: Path) -> None:
    """Make `kept` hold every version of `packaged`, and still every other that it has.

    Raises:
        OSError: when it cannot be written.
    """
    wanted, present = heads(packaged), heads(kept)
    if not wanted:
        raise BundleError(f"{packaged} is damaged; install nngen again")
    tags = {name: commit for name, commit in wanted.items() if name.startswith(_TAGS)}
    if tags.items() <= present.items():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".nngen-", dir=kept.parent) as temporary:
        new = Path(temporary) / NAME
        if {name for name in present if name.startswith(_TAGS)} <= tags.keys():
            shutil.copyfile(packaged, new)
        else:
            _unite(kept, packaged, new, Path(temporary) / "repo.git")
        os.replace(new, kept)


def _unite(first: Path, second: Path, new: Path, repo: Path) -> None:
    """Write one bundle of two; where they name a version alike, the second holds."""
    _git("init", "--quiet", "--bare", str(repo))
    for bundle in (first, second):
        _git("fetch", "--quiet", "--force", str(bundle), "+refs/*:refs/*", cwd=repo)
    _git("symbolic-ref", "HEAD", "refs/heads/main", cwd=repo)
    _git("bundle", "create", "--quiet", str(new), "HEAD", "--branches", "--tags", cwd=repo)


def _is_checkout(root: Path) -> bool:
    try:
        top = _git("rev-parse", "--show-toplevel", cwd=root).strip()
    except BundleError:
        return False
    return Path(top).resolve() == root.resolve()


def _release_tags(root: Path) -> list[str]:
    tags = _git("tag", "--list", "v*", cwd=root).split()
    return [tag for tag in tags if re.fullmatch(r"v\d+(\.\d+)*((a|b|rc)\d+)?", tag)]


def _files(root: Path, in_git: bool) -> list[str]:
    """Return the paths of the files that rendering needs."""
    if in_git:
        listed = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *CONTENT, cwd=root)
        paths = {path for path in listed.split("\0") if path and (root / path).is_file()}
    else:
        found = [
            path for top in CONTENT for path in ((root / top).rglob("*") if (root / top).is_dir() else [root / top])
        ]
        paths = {path.relative_to(root).as_posix() for path in found if path.is_file()}
    return sorted(path for path in paths if "__pycache__" not in path and not path.endswith(NAME))


def _commit_files(repo: Path, root: Path, paths: list[str]) -> str:
    hashes = _git(
        "hash-object",
        "-w",
        "--no-filters",
        "--stdin-paths",
        cwd=repo,
        given="".join(f"{(root / path).as_posix()}\n" for path in paths),
    ).split()
    entries = [f"100644 {digest} 0\t{path}" for digest, path in zip(hashes, paths, strict=True)]
    return _commit(repo, entries)


def _commit_tag(repo: Path, root: Path, tag: str) -> str:
    listed = _git("ls-tree", "-r", "-z", f"refs/tags/{tag}", "--", *CONTENT, cwd=root)
    entries = []
    for line in filter(None, listed.split("\0")):
        fields, _, path = line.partition("\t")
        entries.append(f"100644 {fields.split()[2]} 0\t{path}")
    return _commit(repo, entries)


def _commit(repo: Path, entries: list[str]) -> str:
    (repo / "index").unlink(missing_ok=True)
    _git("update-index", "--index-info", cwd=repo, given="".join(f"{entry}\n" for entry in entries))
    tree = _git("write-tree", cwd=repo).strip()
    return _git("commit-tree", tree, "-m", "The nngen template", cwd=repo).strip()


def _git(*arguments: str, cwd: Path | None = None, given: str = "") -> str:
    settings = ["safe.directory=*", "core.autocrlf=false", "core.quotePath=false", "core.fsmonitor=false"]
    command = ["git", *(part for setting in settings for part in ("-c", setting)), *arguments]
    # GIT_DIR and its like are set where git itself runs this, in a hook for one
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | _IDENTITY
    try:
        done = subprocess.run(
            command, cwd=cwd, input=given, env=environment, capture_output=True, encoding="utf-8", check=False
        )
    except FileNotFoundError:
        raise BundleError("git is needed, and was not found") from None
    if done.returncode:
        raise BundleError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout
