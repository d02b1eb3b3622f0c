"""Compares random programs with their meaning: ``python -m fuzz_language --count 2000``, in the folder ``tests``."""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import torch

from .comparison import Outcome, check, text_of
from .minimise import minimised, skeleton
from .programs import Program, draw


def main() -> int:
    """Run the command; 1 if nngen is wrong anywhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="how many programs are drawn")
    parser.add_argument("--seed", type=int, default=0, help="where the draws start; seeds are far apart")
    parser.add_argument("--only", type=int, nargs="+", metavar="SEED", help="the programs of these seeds alone")
    parser.add_argument("--keep", type=int, default=5, help="how many failures of each kind are minimised")
    parser.add_argument("--save", type=Path, help="a folder for the minimised failures")
    parser.add_argument("--refused", action="store_true", help="tell the seed of each kind of refusal")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    kinds: Counter[str] = Counter()
    refusals: dict[str, list[int]] = {}
    failures: dict[str, list[int]] = {}
    found: set[str] = set()
    others, start = 0, time.perf_counter()
    first = options.seed * 1_000_003
    for seed in options.only or range(first, first + options.count):
        program = draw(seed)
        outcome = check(program.description, program.task)
        kinds[outcome.kind] += 1
        others += outcome.tried
        if outcome.kind in ("refused", "refuted", "unfit"):
            refusals.setdefault(outcome.cause, []).append(seed)
        elif outcome.failed:
            failures.setdefault(outcome.cause, []).append(seed)
            if len(failures[outcome.cause]) <= options.keep:
                _report(seed, program, outcome, found, options.save)
    _summary(kinds, others, time.perf_counter() - start)
    _seeds("failures", failures)
    if options.refused:
        _seeds("refusals", refusals)
    return int(any(kind not in ("equal", "refused", "refuted", "unfit") for kind in kinds))


def _report(seed: int, program: Program, outcome: Outcome, found: set[str], save: Path | None) -> None:
    """Print a failure as short as it can be, unless that is known."""

    def fails(description: dict[str, Any]) -> bool:
        try:
            return _same(check(description, program.task), outcome)
        except Exception:  # what is left of a description need not be one
            return False

    smallest = minimised(program.description, fails)
    text = text_of(smallest)
    if (known := outcome.kind + skeleton(smallest)) in found:
        return
    found.add(known)
    message = check(smallest, program.task).message
    print(f"\nseed {seed}: {outcome.kind}: {message[:400]}\n{text}", flush=True)
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
        name = outcome.kind.replace(", ", "_").replace(" ", "_")
        first = " ".join(f"# {outcome.kind}: {message}".split())[:300]
        (save / f"{name}_{seed}.yaml").write_text(f"{first}\n{text}", encoding="utf-8")


def _seeds(title: str, causes: dict[str, list[int]]) -> None:
    """Print how often each cause was met, and some seeds."""
    print(f"\n{title}:")
    for cause, seeds in sorted(causes.items(), key=lambda each: -len(each[1])):
        print(f"{len(seeds):5} {cause[:140]} (seeds {', '.join(map(str, seeds[:5]))})")


def _same(one: Outcome, other: Outcome) -> bool:
    return one.kind == other.kind and (other.kind != "crashed" or one.cause == other.cause)


def _summary(kinds: Counter[str], others: int, seconds: float) -> None:
    total = sum(kinds.values())
    print(f"\n{total} programs and {others} other values of arguments in {seconds:.0f} s")
    for kind, count in kinds.most_common():
        print(f"{count:6} {100 * count / total:5.1f} % {kind}")


if __name__ == "__main__":
    sys.exit(main())
