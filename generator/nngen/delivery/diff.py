"""``nngen diff``: what people changed in generated files, or what an update would change."""

from __future__ import annotations

from pathlib import Path

from .git import Scratch
from .project import ANSWERS, DESCRIPTION, target_template
from .temporary import temporary_folder
from .update import (
    compare,
    failures,
    generated,
    read_description,
    recorded_and_trusted,
    repository_of,
    text_of_diff,
)


def diff(project: Path, trust: bool = False, source: str | None = None) -> str:
    """Return what was changed in generated files since they were generated, moves included.

    Args:
        project: its folder.
        trust: whether the code of its template may run, if it is not nngen's own.
        source: where its template is by now; None: where the project says.

    Raises:
        DestinationError: when there is no project, or no git repository, or nobody trusts its template.
        DeliveryError: when the template cannot be rendered.
    """
    before = recorded_and_trusted(project, trust, source)
    with failures(project), temporary_folder(None, "nngen-diff-") as folder:
        scratch = Scratch(folder, repository_of(project))
        base = generated(scratch, before)
        ours = scratch.on_disk(base)
        base, ours = (
            {path: entry for path, entry in tree.items() if path not in (ANSWERS, DESCRIPTION)} for tree in (base, ours)
        )
        return text_of_diff(scratch, base, ours, "--find-renames", "--diff-filter=a")  # a: no files of one's own


def diff_of_update(project: Path, trust: bool = False, source: str | None = None) -> str:
    """Return what an update would change, also while edits are not committed yet; see `diff` for the arguments.

    Raises:
        DestinationError: when there is no project, or no git repository, or nobody trusts its template.
        DescriptionError: when its description has mistakes.
        DeliveryError: when the template cannot be rendered.
    """
    before = recorded_and_trusted(project, trust, source)
    with failures(project), temporary_folder(None, "nngen-diff-") as folder:
        scratch = Scratch(folder, repository_of(project))
        found = compare(scratch, before, read_description(project, before), target_template(before, None))
        return text_of_diff(scratch, found.ours, found.merged.tree)
