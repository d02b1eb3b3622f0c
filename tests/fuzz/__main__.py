"""Searches for descriptions that nngen does not cope with: ``python -m fuzz --count 20000 --seed 7``, in ``tests``."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from .judge import Verdict, judge
from .minimise import minimise
from .mutations import draw

MEMORY = 6 << 30  # bytes that a process may have


def _judged(seed: str) -> tuple[str, Verdict]:
    return seed, judge(draw(seed))


def _limit_memory() -> None:
    import resource

    import torch

    torch.set_num_threads(1)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def _verdicts(seeds: list[str], processes: int) -> Iterator[tuple[str, Verdict]]:
    if processes == 1:
        _limit_memory()
        yield from map(_judged, seeds)
        return
    with get_context("fork").Pool(processes, _limit_memory, maxtasksperchild=2000) as pool:
        yield from pool.imap_unordered(_judged, seeds, chunksize=4)


def _report(failures: dict[tuple[str, str], list[tuple[str, Verdict]]], folder: Path | None) -> None:
    """Print each cause with its smallest description, the most frequent first."""
    for number, ((outcome, place), found) in enumerate(sorted(failures.items(), key=lambda item: -len(item[1])), 1):
        seed, verdict = min(found, key=lambda each: len(draw(each[0])))
        small = minimise(draw(seed), lambda text, way=(outcome, place): _way(judge(text)) == way)
        print(f"\n{number}. {outcome}, {len(found)} times, as in --only {seed}: {place}")
        print("    " + verdict.detail.strip().replace("\n", "\n    ")[-1500:])
        print("---\n" + small, end="", flush=True)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number:03}.yaml").write_text(f"# {outcome} {place}, {len(found)} times, {seed}\n{small}")


def _way(verdict: Verdict) -> tuple[str, str]:
    return verdict.outcome, verdict.place


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="how many descriptions are drawn")
    parser.add_argument("--seed", default="0", help="another seed draws others")
    parser.add_argument("--only", help="the seed of one description, as the report prints it")
    parser.add_argument("--processes", type=int, default=2, choices=(1, 2))
    parser.add_argument("--into", type=Path, help="a folder for the smallest description of each cause")
    options = parser.parse_args()
    if options.only:
        print(draw(options.only))
        print(judge(draw(options.only)), file=sys.stderr)
        return 0
    seeds = [f"{options.seed}:{number}" for number in range(options.count)]
    outcomes: Counter[str] = Counter()
    failures: dict[tuple[str, str], list[tuple[str, Verdict]]] = {}
    start = time.monotonic()
    for seed, verdict in _verdicts(seeds, options.processes):
        outcomes[verdict.outcome] += 1
        if verdict.failed:
            failures.setdefault(_way(verdict), []).append((seed, verdict))
    _report(failures, options.into)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    print(f"\n{options.count} descriptions in {time.monotonic() - start:.0f} s: {counts}; {len(failures)} causes")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
