"""Which template a project is made from: the one of this nngen, or somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..paths import CHECKOUT, PACKAGE
from . import bundle
from .errors import DeliveryError
from .own_copy import KEPT_BUNDLE
from .trust import may_run


@dataclass(frozen=True, slots=True)
class Template:
    """Where the template is, as it is recorded for updates, and which version of it to take."""

    source: str
    version: str | None = None  # None: the latest
    code: bool = False  # whether its tasks and extensions may run


def own_template() -> Template:
    """Return the template that belongs to this nngen: its checkout, or the bundle that its wheel carries.

    Raises:
        DeliveryError: when the bundle cannot be kept in the home directory.
    """
    if (CHECKOUT / "copier.yml").is_file():
        return Template(str(CHECKOUT), "HEAD", code=True)
    packaged = PACKAGE / bundle.NAME
    try:
        bundle.keep(packaged, Path(KEPT_BUNDLE).expanduser())
        return Template(KEPT_BUNDLE, bundle.tag_of_head(packaged), code=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home directory
        reason = error.strerror if isinstance(error, OSError) else error
        raise DeliveryError(f"cannot write {KEPT_BUNDLE}, where updates find the template: {reason}") from None
    except bundle.BundleError as error:
        raise DeliveryError(str(error)) from None


def foreign_template(source: str, trust: bool = False) -> Template:
    """Return a template of somebody else; its path is made absolute, since it must hold when the project is updated.

    Args:
        source: where it is.
        trust: whether its code may run, now and later.

    Raises:
        DeliveryError: when that cannot be remembered.
    """
    source = located(source)
    return Template(source, code=may_run(source, trust))


def located(source: str) -> str:
    """Return a source that was given on the command line as projects record it."""
    if Path(source).expanduser() == Path(KEPT_BUNDLE).expanduser():
        return KEPT_BUNDLE
    return str(Path(source).resolve()) if not source.startswith("~") and Path(source).exists() else source
