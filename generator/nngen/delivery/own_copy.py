"""A copy of nngen's own template in the user's cache folder, so that copier need not clone it for each project.

It is made once for each version. Only the version that this nngen is has a copy: other versions, and templates of other
people, are for copier to fetch.
"""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from ..paths import CHECKOUT, PACKAGE
from . import bundle
from .cache_folder import cache_folder
from .errors import DeliveryError
from .git import GitError, git, git_bytes

KEPT_BUNDLE = f"~/.local/share/nngen/{bundle.NAME}"
MOST = 8  # copies that are kept
STALE = 3600  # seconds after which nobody is still making one
SAME: set[Path] = set()  # copies of the very files that run now, as git says: nobody need compare them


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """The files of this nngen's template, and the version that projects record."""

    folder: Path
    commit: str


def is_own(source: str) -> bool:
    """Return whether a template is that of this nngen, whose code may run."""
    return source == KEPT_BUNDLE or Path(source) == CHECKOUT


def own_copy(source: str, version: str | None) -> OwnCopy | None:
    """Return the copy of a version of a template; None where it is not this nngen's own, or there can be none."""
    try:
        if source == KEPT_BUNDLE:
            return _of_bundle(PACKAGE / bundle.NAME, version)
        return _of_checkout(version) if Path(source) == CHECKOUT else None
    except (OSError, GitError, bundle.BundleError, tarfile.TarError):
        return None  # copier tells what is wrong with the template, if it cannot read it either


def check_ones_own(source: str, version: str | None) -> None:
    """Refuse a commit of this nngen's checkout that none of its branches has: it may have been fetched from anybody.

    Raises:
        DeliveryError: when there is no such commit, or none of the user's own.
    """
    if version is None or source == KEPT_BUNDLE or Path(source) != CHECKOUT or not (CHECKOUT / ".git").exists():
        return
    try:
        asked = git("rev-parse", "--verify", "--end-of-options", f"{version}^{{commit}}", cwd=CHECKOUT).strip()
        contains = ["for-each-ref", "--count=1", "--contains", asked, "refs/heads", "refs/tags"]
        known = git(*contains, cwd=CHECKOUT) or asked == git("rev-parse", "HEAD", cwd=CHECKOUT).strip()
    except GitError:
        known = ""
    if not known:
        raise DeliveryError(f"no branch or tag of {source} has the commit {version}")


def _of_bundle(packaged: Path, version: str | None) -> OwnCopy | None:
    tag = bundle.tag_of_head(packaged)
    if version != tag:
        return None
    folder = _folder(bundle.heads(packaged)["HEAD"])
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(prefix="nngen-copy-") as temporary:
            git("clone", "--quiet", "--bare", str(packaged), temporary, cwd=packaged.parent)
            _extract(Path(temporary), folder)
    return OwnCopy(folder, tag)


def _of_checkout(version: str | None) -> OwnCopy | None:
    if version is None:
        return None
    head, *changes = git("status", "--porcelain=v2", "--branch", cwd=CHECKOUT).splitlines()
    changed = any(not line.startswith("#") for line in changes)
    top, asked = git("rev-parse", "--show-toplevel", f"{version}^{{commit}}", cwd=CHECKOUT).splitlines()
    commit = head.removeprefix("# branch.oid ")
    if changed or Path(top) != CHECKOUT or asked != commit:
        return None
    folder = _folder(commit)
    if not folder.is_dir():
        _extract(CHECKOUT, folder)
    SAME.add(folder.resolve())
    return OwnCopy(folder, git("describe", "--tags", "--always", cwd=CHECKOUT).strip())


def _folder(commit: str) -> Path:
    return cache_folder() / "versions" / commit


def _extract(repository: Path, folder: Path) -> None:
    """Write what rendering needs of the last commit to a folder, all of it or nothing."""
    as_committed = ("-c", "core.autocrlf=false", "-c", "core.eol=lf")
    archive = git_bytes(*as_committed, "archive", "--format=tar", "HEAD", "--", *bundle.CONTENT, cwd=repository)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            for member in files:
                path = new / member.name
                if member.isfile() and (content := files.extractfile(member)):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content.read())
        os.rename(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    _prune(folder.parent)


def _prune(folder: Path) -> None:
    """Remove all but the newest copies, and what processes left that were killed; others may be making theirs now."""
    ages = {path: time.time() - path.stat().st_mtime for path in folder.iterdir()}
    unfinished = {path for path in ages if path.name.startswith(".")}
    copies = sorted(ages.keys() - unfinished, key=ages.__getitem__)
    for path in (*copies[MOST:], *(path for path in unfinished if ages[path] > STALE)):
        shutil.rmtree(path, ignore_errors=True)
