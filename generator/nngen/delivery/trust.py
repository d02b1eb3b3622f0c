"""Whose code runs: that of nngen's own template, and of those that the user trusted on the command line.

A project may be a stranger's, so that nothing which lies in it says what may run. What is trusted is kept outside of
all projects, in the user's configuration, one source a line.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..paths import CHECKOUT
from .errors import DeliveryError, DestinationError
from .own_copy import KEPT_BUNDLE, is_own
from .shown import shown


def check_trusted(source: str, trust: bool) -> None:
    """Refuse a template that a project names, unless its code may run.

    Args:
        source: where the template is.
        trust: whether the user says so now, which is remembered.

    Raises:
        DestinationError: when nobody has trusted it.
    """
    if may_run(source, trust):
        return
    own = CHECKOUT if (CHECKOUT / "copier.yml").is_file() else KEPT_BUNDLE
    raise DestinationError(
        f"the project says that it was made from {shown(source)}, which is not nngen's own template, and rendering it "
        "runs its code; nothing was read or run; if you trust whoever wrote it, give --trust once; if that is nngen on "
        f"another machine, give --from-source {shown(own)}"
    )


def may_run(source: str, trust: bool) -> bool:
    """Return whether the code of a template may run; that the user trusts it now is remembered.

    Raises:
        DeliveryError: when it cannot be remembered.
    """
    if is_own(source):
        return True
    name = _name(source)
    if name in (known := _trusted()):
        return True
    if trust:
        _remember([*known, name])
    return trust


def _name(source: str) -> str:
    """Return what a source is known by: a path that is there without links, so that no other one passes for it."""
    try:
        path = Path(source).expanduser()
        return os.path.realpath(path) if os.path.lexists(path) else source
    except (OSError, RuntimeError, ValueError):  # RuntimeError: there is no home directory
        return source


def _file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME")
    try:
        return (Path(base) if base else Path.home() / ".config") / "nngen/trusted"
    except RuntimeError:
        return Path(os.devnull) / "trusted"


def _trusted() -> list[str]:
    """Return the names of trusted sources; none when another user could have written them."""
    try:
        with _file().open("rb") as file:
            status = os.fstat(file.fileno())
            if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
                return []
            return file.read().decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []


def _remember(names: list[str]) -> None:
    path = _file()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        with open(descriptor, "wb") as file:
            file.write("".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape"))
        os.replace(temporary, path)
    except OSError as error:
        raise DeliveryError(f"cannot write {path}, where trusted templates are kept: {error.strerror}") from None
