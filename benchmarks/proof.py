"""How long the proof of emitted code takes, beside the check of other values. Run: .venv/bin/python benchmarks/proof.py

CPU time in ms, the median of five rounds in turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from nngen import pipeline
from nngen.language.problems import Problems
from nngen.plan.model.other_values import check_other_values
from nngen.proof.prove import prove

EXAMPLES = Path(__file__).parent.parent / "generator/nngen/examples"
NAMES = """
    resnet50 gpt2_small bert_base vit_b16 efficientnet_b0 googlenet convnext_tiny densenet121 mobilenet_v3_small
    """.split()
ROUNDS = 5


def main() -> None:
    """Measures each network and prints a table."""
    print(f"{'':20} {'defaults':>8} {'with other values':>18} {'check_other_values':>19}")
    for name in NAMES:
        checked = pipeline.read((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"))
        ways: list[Callable[[], object]] = [
            partial(prove, checked.description, checked.model.code, with_others=False),
            partial(prove, checked.description, checked.model.code),
            partial(check_other_values, checked.network, checked.model, Problems()),
        ]
        times = [statistics.median(column) for column in zip(*([seconds(way) for way in ways] for _ in range(ROUNDS)))]
        print(f"{name:20} {1000 * times[0]:8.0f} {1000 * times[1]:18.0f} {1000 * times[2]:19.0f}")


def seconds(way: Callable[[], object]) -> float:
    """The seconds of CPU time that a call takes."""
    start = time.process_time()
    way()
    return time.process_time() - start


if __name__ == "__main__":
    main()
