"""The git repository around a project: what is committed, and trees of files as git keeps them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_TEXT = ("utf-8", "surrogateescape")
Entry = tuple[str, str]  # mode and object of a file
Tree = dict[str, Entry]  # by path, relative to the project

# Git sets others for the commands that it starts itself, as hooks: they name another repository than the one asked for,
# or its index. These say how the user's git is set up, and how it reaches other machines.
_OF_USERS = (
    "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH", "GIT_SSH", "GIT_SSL", "GIT_PROXY",
    "GIT_HTTP", "GIT_ASKPASS", "GIT_TERMINAL_PROMPT", "GIT_ALLOW_PROTOCOL", "GIT_PROTOCOL_FROM_USER",
)  # fmt: skip
_QUIET = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")  # programs of the user's: none runs
_OF_COPIES = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.autocrlf": "false",
    "core.eol": "lf",
    "init.templateDir": "",
    "protocol.ext.allow": "never",
}
_IDENTITY = {f"GIT_{role}_{key}": "nngen" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}


class GitError(Exception):
    """git is missing, or did not do what it was asked for."""


def git(
    *arguments: str,
    cwd: Path,
    given: str = "",
    environment: Mapping[str, str] | None = None,
    fine: tuple[int, ...] = (0,),
) -> str:
    """Run git and return what it prints, as text.

    Args:
        arguments: of the command.
        cwd: where to run it.
        given: its input.
        environment: variables to set beside those of this process.
        fine: exit codes that are no failure.

    Raises:
        GitError: when git fails or is missing.
    """
    return _run(arguments, cwd, given, environment, fine).decode(*_TEXT)


def git_bytes(*arguments: str, cwd: Path) -> bytes:
    """Run git and return what it prints, which is no text.

    Raises:
        GitError: when git fails or is missing.
    """
    return _run(arguments, cwd)


def _run(
    arguments: tuple[str, ...],
    cwd: Path,
    given: str = "",
    environment: Mapping[str, str] | None = None,
    fine: tuple[int, ...] = (0,),
) -> bytes:
    try:
        done = subprocess.run(
            ["git", *_QUIET, *arguments],
            cwd=cwd,
            input=given.encode(*_TEXT),
            env={**inherited(), **_IDENTITY, "LC_ALL": "C", **(environment or {})},
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git is needed, and was not found") from None
    if done.returncode not in fine:
        raise GitError(
            f"git {arguments[0]} failed: {done.stderr.decode(*_TEXT).strip() or f'exit code {done.returncode}'}"
        )
    return done.stdout


def inherited() -> dict[str, str]:
    """Return the variables of this process that a git gets which it starts."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith(_OF_USERS)
    }


def for_copies() -> dict[str, str]:
    """Return variables for a git that works on copies of templates: no program and no line end of the user's counts."""
    numbered = list(enumerate(_OF_COPIES.items()))
    keys = {f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in numbered}
    return (
        keys
        | {f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in numbered}
        | {"GIT_CONFIG_COUNT": str(len(numbered))}
    )


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that a project's folder lies in."""

    project: Path
    top: Path
    prefix: str  # of the project's paths: "" or "nets/my_cnn/"
    objects: Path
    index: Path
    hash: str

    @classmethod
    def around(cls, project: Path) -> Repository | None:
        """Return the repository around a folder, or None.

        Raises:
            GitError: when git is missing, or refuses to read the repository.
        """
        paths = [each for name in ("objects", "index") for each in ("--git-path", name)]
        asked = ["--show-toplevel", "--show-object-format", *paths]
        try:
            found = _lines("--path-format=absolute", *asked, cwd=project)
            if len(found) != 4:  # there are line breaks in the names of folders
                parts = (asked[:1], asked[1:2], paths[:2], paths[2:])
                found = ["\n".join(_lines("--path-format=absolute", *part, cwd=project)) for part in parts]
        except GitError as error:
            if "not a git repository" in str(error) or "must be run in a work tree" in str(error):
                return None
            raise
        top = Path(found[0])
        prefix = project.resolve().relative_to(top.resolve()).as_posix()
        return cls(project, top, "" if prefix == "." else f"{prefix}/", Path(found[2]), Path(found[3]), found[1])

    def uncommitted(self) -> list[str]:
        """Return the project's files that differ from what is committed, new ones included, ignored ones not."""
        listed = git(
            "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", ".", cwd=self.project
        )
        return [line[3:].removeprefix(self.prefix) for line in listed.split("\0") if line]

    def unmerged(self) -> list[str]:
        """Return the project's files with a conflict that nobody has resolved yet."""
        listed = git("ls-files", "--unmerged", "-z", "--", ".", cwd=self.project)
        return sorted({line.partition("\t")[2] for line in listed.split("\0") if line})

    def tracks(self, path: str) -> bool:
        """Return whether a file of the project is in git's index."""
        return bool(git("ls-files", "--", path, cwd=self.project))


def _quoted(path: Path) -> str:
    """Return a path as git reads it from a file with a path on each line."""
    for sign, name in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        path = Path(str(path).replace(sign, name))
    return f'"{path}"'


def _lines(*asked: str, cwd: Path) -> list[str]:
    return git("rev-parse", *asked, cwd=cwd).removesuffix("\n").split("\n")


@dataclass(slots=True)
class Scratch:
    """A repository for the time of an update; it reads the project's objects, and its own go nowhere else."""

    folder: Path
    repository: Repository | None = None
    _git_dir: Path = field(init=False)

    def __post_init__(self) -> None:
        self._git_dir = self.folder / "scratch.git"
        hashes = [f"--object-format={self.repository.hash}"] if self.repository else []
        git("init", "--quiet", "--bare", "--template=", *hashes, str(self._git_dir), cwd=self.folder)
        if self.repository:
            alternates = self._git_dir / "objects/info/alternates"
            alternates.parent.mkdir(exist_ok=True)
            alternates.write_text(f"{_quoted(self.repository.objects)}\n", encoding="utf-8", errors="surrogateescape")

    def git(self, *arguments: str, given: str = "", fine: tuple[int, ...] = (0,)) -> str:
        """Run git in the scratch repository."""
        environment = {"GIT_DIR": str(self._git_dir)}
        return git(*arguments, cwd=self.folder, given=given, environment=environment, fine=fine)

    def rendered(self, folder: Path) -> Tree:
        """Return a tree of all files of a folder, to the byte."""
        environment = {"GIT_DIR": str(self._git_dir), "GIT_WORK_TREE": str(folder)}
        environment["GIT_INDEX_FILE"] = str(self.folder / f"{folder.name}.index")
        plain = ["-c", "core.autocrlf=false", "-c", "core.safecrlf=false"]
        git(*plain, "add", "--all", "--force", ".", cwd=folder, environment=environment)
        return _listed(git("ls-files", "--stage", "-z", cwd=folder, environment=environment))

    def on_disk(self, generated: Iterable[str] = ()) -> Tree:
        """Return a tree of the project's files, without those that git ignores and nngen did not generate."""
        assert self.repository is not None
        project, index = self.repository.project, self.folder / "project.index"
        if self.repository.index.is_file():  # git need not read again what has not changed since
            shutil.copyfile(self.repository.index, index)
        environment = self._beside_project(index)
        self._see_all(project, environment)
        git("add", "--all", "--", ".", cwd=project, environment=environment)
        present = [path for path in generated if os.path.lexists(project / path)]
        given = "".join(f":(literal){path}\0" for path in present)
        if present:
            options = ["--force", "--pathspec-from-file=-", "--pathspec-file-nul"]
            git("add", *options, cwd=project, environment=environment, given=given)
        return _listed(git("ls-files", "--stage", "-z", "--", ".", cwd=project, environment=environment))

    def _see_all(self, project: Path, environment: Mapping[str, str]) -> None:
        """Make git look at files that it was told to take as unchanged: there may be edits in them."""
        listed = git("ls-files", "-v", "-z", "--", ".", cwd=project, environment=environment).split("\0")
        hidden = "".join(f"{line[2:]}\0" for line in listed if line and (line[0].islower() or line[0] == "S"))
        if hidden:
            for option in ("--no-assume-unchanged", "--no-skip-worktree"):
                git("update-index", option, "-z", "--stdin", cwd=project, environment=environment, given=hidden)

    def check_out(self, tree: Tree, folder: Path) -> None:
        """Write files of the project into a folder, with the line ends and filters that the user's git has."""
        assert self.repository is not None
        index = self.folder / "result.index"
        index.unlink(missing_ok=True)
        environment = self._beside_project(index)
        entries = "".join(f"{mode} {name}\t{self.repository.prefix}{path}\0" for path, (mode, name) in tree.items())
        top = self.repository.top
        git("update-index", "-z", "--index-info", cwd=top, environment=environment, given=entries)
        git("checkout-index", "--all", "--force", "--quiet", f"--prefix={folder}/", cwd=top, environment=environment)

    def write(self, tree: Tree) -> str:
        """Write a tree, and return the name of its object."""
        index = self._git_dir / "index"
        index.unlink(missing_ok=True)
        self.git("update-index", "-z", "--index-info", given="".join(f"{m} {o}\t{p}\0" for p, (m, o) in tree.items()))
        return self.git("write-tree").strip()

    def hand_over(self, objects: Iterable[str]) -> None:
        """Copy objects into the project's repository."""
        assert self.repository is not None
        pack = self.folder / "objects"
        name = self.git("pack-objects", "--quiet", str(pack), given="".join(f"{each}\n" for each in objects)).strip()
        command = ["git", *_QUIET, "unpack-objects", "-q"]
        with (self.folder / f"objects-{name}.pack").open("rb") as file:
            done = subprocess.run(
                command, cwd=self.repository.top, env=inherited(), stdin=file, capture_output=True, check=False
            )
        if done.returncode:
            raise GitError(f"git unpack-objects failed: {done.stderr.decode(errors='replace').strip()}")

    def _beside_project(self, index: Path) -> dict[str, str]:
        """Return variables with which git runs in the project, yet changes neither its index nor its objects."""
        return {"GIT_INDEX_FILE": str(index), "GIT_OBJECT_DIRECTORY": str(self._git_dir / "objects")}


def _listed(output: str) -> Tree:
    """Read what ``git ls-files --stage -z`` prints."""
    tree: Tree = {}
    for line in filter(None, output.split("\0")):
        fields, _, path = line.partition("\t")
        mode, name, _ = fields.split()
        tree[path] = (mode, name)
    return tree
