"""Trains the families and prints what they reached: ``python -m families [EXAMPLE ...]``, in the folder ``tests``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from . import EXAMPLES, run
from ._project import Failed
from ._result import LONGEST, Result, table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", nargs="*", metavar="EXAMPLE", help=f"of {', '.join(EXAMPLES)}; all by default")
    names = parser.parse_args().examples or EXAMPLES
    if unknown := sorted(set(names) - set(EXAMPLES)):
        parser.error(f"there is no {unknown[0]}")
    results: list[Result] = []
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            try:
                results += run(name, Path(folder) / name)
            except Failed as failure:
                print(failure, file=sys.stderr)
                failures += 1
    print(table(results))
    return int(failures > 0 or any(not each.held or each.seconds > LONGEST for each in results))


if __name__ == "__main__":
    sys.exit(main())
