"""What becomes of drawn triples: right, wrong or left in conflict, by nngen and by the other ways to merge a file."""

from __future__ import annotations

import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from conftest import ROOT
from nngen.delivery.statements.merging import merge_text
from nngen.delivery.statements.units import Unmergeable

from .triples import Triple, drawn, without_empty_lines

NNGEN, GIT, UNION = "nngen update", "git merge, plain copier", "git merge-file --union"
LABEL = "yours"


@dataclass
class TripleTally:
    """Counts by the way to merge, over the triples that git leaves in conflict."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: {way: Counter() for way in (NNGEN, GIT, UNION)})
    clean_in_git: int = 0  # drawn beside them, where nngen's result is git's
    wrong: list[tuple[Triple, str]] = field(default_factory=list)  # with nngen's result

    def text(self, title: str) -> str:
        """The figures as a table, and the triples that went wrong."""
        count = sum(self.counts[NNGEN].values())
        lines = [f"{title}: {count} triples that git leaves in conflict ({self.clean_in_git} others are clean in git)"]
        lines += [f"    {'':26}{'right':>8}{'wrong':>8}{'in conflict':>14}"]
        for way, found in self.counts.items():
            lines.append(f"    {way:26}{found['right']:>8}{found['wrong']:>8}{found['in conflict']:>14}")
        return "\n".join([*lines, *(f"    wrong: {triple.name}  [{triple.path}]" for triple, _ in self.wrong)])


def judge(folder: Path, count: int, adversarial: bool, seed: str = "0") -> TripleTally:
    """Draws triples until git has left so many in conflict, and merges each in all ways."""
    tally = TripleTally()
    for triple in drawn(bases(), seed, adversarial):
        by_git, conflicts = merge_file(folder, triple)
        if not conflicts:
            tally.clean_in_git += 1
            continue
        try:
            merged = merge_text(triple.path, triple.base, triple.ours, triple.theirs, by_git, LABEL)
        except Unmergeable:
            merged = None
        tally.counts[NNGEN][_verdict(triple, merged)] += 1
        tally.counts[GIT]["in conflict"] += 1
        tally.counts[UNION][_verdict(triple, merge_file(folder, triple, "--union")[0])] += 1
        if merged is not None and _verdict(triple, merged) == "wrong":
            tally.wrong.append((triple, merged))
        if sum(tally.counts[NNGEN].values()) == count:
            return tally
    raise AssertionError("the draws ended")


def _verdict(triple: Triple, merged: str | None) -> str:
    if merged is None:
        return "in conflict"
    return "right" if without_empty_lines(merged) in triple.right else "wrong"


def merge_file(folder: Path, triple: Triple, *options: str) -> tuple[str, bool]:
    """What `git merge-file` makes of a triple, and whether there are conflicts."""
    names = ("ours", "base", "theirs")
    for name in names:
        (folder / name).write_text(getattr(triple, name), encoding="utf-8")
    labels = [part for label in (LABEL, "base", "generated") for part in ("-L", label)]
    command = ["git", "merge-file", "-p", *options, *labels, *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout, done.returncode > 0


def bases() -> dict[str, str]:
    """The files of the goldens whose units are statements, paragraphs or lines."""
    paths = [path for path in sorted((ROOT / "golden").rglob("*")) if path.suffix in (".py", ".md", ".toml")]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
