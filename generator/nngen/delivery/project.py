"""A project that nngen generated: what it was made from, and which version of its template comes next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import DestinationError
from .git import git
from .own_copy import is_own
from .shown import shown
from .template import Template, own_template

ANSWERS = ".copier-answers.yml"
DESCRIPTION = "architecture.yaml"
MAX_BYTES = 8 << 20  # of answers: a description with the names of its layers

_BACK = f"git has it: git checkout HEAD -- {ANSWERS}"
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_/-]*")  # nothing that git could take for an option


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a project was generated from."""

    source: str
    commit: str
    answers: Mapping[str, Any]  # its description


def recorded(project: Path) -> Recorded:
    """Read what a project was generated from.

    Raises:
        DestinationError: when there is no project, or what it records is damaged.
    """
    path = project / ANSWERS
    if not project.is_dir():
        raise DestinationError(f"{shown(project)} is no folder")
    try:
        values = _values(path)
    except FileNotFoundError:
        above = next((each for each in project.resolve().parents if (each / ANSWERS).is_file()), None)
        hint = f"the project is {shown(above)}" if above else f"if nngen made it, {_BACK}"
        raise DestinationError(
            f"{shown(project)} has no {ANSWERS}, so nobody knows what it was made from; {hint}"
        ) from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        raise DestinationError(f"{shown(path)}{line}: this file is damaged; {_BACK}") from None
    if not isinstance(values, dict) or not isinstance(values.get("_src_path"), str):
        raise DestinationError(f"{shown(path)} does not say which template made the project; {_BACK}")
    commit = values.get("_commit")
    if not isinstance(commit, (str, int, float)):
        raise DestinationError(f"{shown(path)} records no version: the template was not in git, so there is no update")
    if not _VERSION.fullmatch(str(commit)):
        raise DestinationError(f"{shown(path)} records {str(commit)!r}, which is no version; {_BACK}")
    answers = {key: value for key, value in values.items() if isinstance(key, str) and not key.startswith("_")}
    return Recorded(values["_src_path"], str(commit), answers)


def _values(path: Path) -> Any:
    """Return what the file of answers holds, which may be a stranger's.

    Raises:
        ValueError: when it is no file, is too large, is no text, or has aliases, with which a few lines are billions.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if path.exists() and not path.is_file():
        raise ValueError
    with path.open("rb") as file:
        text = file.read(MAX_BYTES + 1).decode("utf-8")
    if len(text) > MAX_BYTES or any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=loader)):
        raise ValueError
    return yaml.load(text, Loader=loader)


def target_template(before: Recorded, to: str | None) -> Template:
    """Return the version of the project's template that an update takes; that its code may run was checked.

    Raises:
        DestinationError: when there is no version `to`.
        DeliveryError: when the template cannot be read.
    """
    own = None
    if is_own(before.source):
        own = own_template()
    if to is None:
        return own if own and own.source == before.source else Template(before.source, code=True)
    known = _versions(before.source)
    if found := next((each for each in (to, f"v{to}") if each in known), None):
        return Template(before.source, found, code=True)
    there_are = f"there are {', '.join(known)}" if known else "there are none"
    raise DestinationError(f"the template {before.source} has no version {to!r}; {there_are}")


def _versions(source: str) -> list[str]:
    listed = git("ls-remote", "--tags", "--refs", "--", str(Path(source).expanduser()), cwd=Path.cwd())
    return [line.partition("\trefs/tags/")[2] for line in listed.splitlines()]


def check_no_downgrade(before: str, after: str) -> None:
    """Refuse a version that is older than the one that made the project.

    Raises:
        DestinationError: when it is older.
    """
    old, new = version_of(before), version_of(after)
    if old and new and new < old:
        raise DestinationError(
            f"the project was made by version {before}, and {after} is older; an update only goes forward. "
            "Take a newer nngen: pip install --upgrade nngen"
        )


def version_of(commit: str) -> Any:
    """Return the version that a recorded commit stands for, or None for a commit without tags."""
    from packaging.version import InvalidVersion, Version

    if re.fullmatch("[0-9a-f]{7,64}", commit):  # a hash such as 3b19960 would be read as the version 3 beta 19960
        return None
    described = re.fullmatch(r"(.+)-(\d+)-g[0-9a-f]+", commit)
    try:
        return Version(f"{described[1]}.post{described[2]}" if described else commit)
    except InvalidVersion:
        return None
