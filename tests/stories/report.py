"""Runs the stories and prints what came of them. Run: .venv/bin/python tests/stories/report.py [--drawn 500]"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from in_project import run_module
from stories.edits import ALONE
from stories.merging import Merger
from stories.story import Outcome, Story, by_hand, changed_lines, drawn, large, regenerated, update, written
from stories.tallied_triples import TripleTally, judge

SHARE = 0.97  # of the stories whose edit and change are independent has to merge without a conflict


@dataclass
class Tally:
    """Counts over stories."""

    outcomes: list[Outcome] = field(default_factory=list)
    by_hand: list[tuple[bool, int]] = field(default_factory=list)
    regenerated: list[int] = field(default_factory=list)

    @property
    def lost(self) -> list[Outcome]:
        return [each for each in self.outcomes if each.lost]

    @property
    def in_conflict(self) -> list[Outcome]:
        """Stories that should merge and do not."""
        return [each for each in self.outcomes if each.independent and each.conflicts]

    @property
    def share(self) -> float:
        """How many of the stories that should merge do."""
        count = sum(each.independent for each in self.outcomes)
        return 1 - len(self.in_conflict) / max(count, 1)

    def text(self, title: str) -> str:
        """The figures, and the stories that failed."""
        alone = [index for index, each in enumerate(self.outcomes) if each.independent]
        by_hand = sum(not self.by_hand[index][0] for index in alone) / max(len(alone), 1)
        model, by_position = (
            sum(counts) for counts in zip(*map(changed_lines, (each.story for each in self.outcomes)))
        )
        lost = sum(len(each.lost) for each in self.outcomes)
        rows = [
            ("nngen update", f"{100 * self.share:.1f} %", lost, model),
            ("git merge-file", f"{100 * by_hand:.1f} %", sum(count for _, count in self.by_hand), by_position),
            ("regeneration", "-", sum(self.regenerated), by_position),
        ]
        lines = [
            f"{title}: {len(self.outcomes)} stories, {len(alone)} of edits and changes that are independent",
            f"    {'':16}{'those merge':>12}{'lines lost':>12}{'lines changed in model.py':>28}",
            *(f"    {way:16}{share:>12}{gone:>12}{changed:>28}" for way, share, gone, changed in rows),
        ]
        lines += [f"    conflict: {each.story.name}  [{', '.join(each.conflicts)}]" for each in self.in_conflict]
        lines += [f"    lost: {each.story.name}  {each.lost[:3]}" for each in self.lost]
        return "\n".join(lines)


def tell(stories: Iterable[Story], compared: bool = True) -> Tally:
    """Runs stories, with the other ways beside when `compared`."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        merger = Merger(folder)
        for story in stories:
            tally.outcomes.append(update(merger, story))
            tally.by_hand.append(by_hand(folder, story) if compared else (False, 0))
            tally.regenerated.append(regenerated(story))
    return tally


def own_tests(outcomes: Iterable[Outcome], count: int) -> list[tuple[str, str]]:
    """Runs the tests of projects that merged; the stories whose tests fail, with the end of what they print."""
    clean = [each for each in outcomes if each.independent and not each.conflicts and "template" not in each.story.name]
    sound = [each for each in clean if not any(name in each.story.name for name in ALONE)]
    failed = []
    for outcome in sound[:: max(len(sound) // count, 1)][:count]:
        with tempfile.TemporaryDirectory() as folder:
            for path, text in outcome.merged.items():
                target = Path(folder) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            done = run_module("pytest", "-q", "-x", "-p", "no:cacheprovider", cwd=Path(folder))
            if done.returncode:
                failed.append((outcome.story.name, done.stdout[-1000:]))
    return failed


def main() -> int:
    """Prints the report; 1 when the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drawn", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tests", type=int, default=8, help="merged projects whose own tests run")
    parser.add_argument("--triples", type=int, default=2000, help="of each kind, that git leaves in conflict")
    arguments = parser.parse_args()
    tallies = {
        "Written": tell(written()),
        "Large edits": tell(large()),
        "Drawn": tell(drawn(arguments.drawn, arguments.seed)),
    }
    for title, tally in tallies.items():
        print(tally.text(title))
    failed = own_tests(tallies["Drawn"].outcomes, arguments.tests) if arguments.tests else []
    print(f"Own tests of merged projects: {arguments.tests - len(failed)} of {arguments.tests} pass")
    for name, output in failed:
        print(f"    {name}\n{output}")
    triples = _judged(arguments.triples, arguments.seed)
    wrong = any(tally.wrong for tally in triples)
    return int(wrong or bool(failed) or any(tally.lost or tally.share < SHARE for tally in tallies.values()))


def _judged(count: int, seed: int) -> list[TripleTally]:
    tallies = []
    for title, adversarial in (("Drawn", False), ("Adversarial", True)):
        with tempfile.TemporaryDirectory() as folder:
            tallies.append(judge(Path(folder), count, adversarial, str(seed)))
        print(tallies[-1].text(title))
    return tallies


if __name__ == "__main__":
    sys.exit(main())
