"""How long nngen's commands take, beside plain Python and bare copier. Run: .venv/bin/python benchmarks/generation.py

`bare copier` copies the very files that `nngen new` writes, as a template of plain text in a git repository. All
commands run in fresh processes, in turns; the figures are medians of CPU time (user and system, children included).
Modules are compiled once, as pip does it.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from conftest import commit_all, copy_checkout  # noqa: E402

ROUNDS = 15
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
START = "from nngen.cli import main; main()"
STAGE = ["Conv2d: {out_channels: 32, kernel_size: 3, padding: 1}", "BatchNorm2d", "ReLU"]
LARGE = "\n".join(
    [
        "name: large\ntask: classification\ninput: [3, 32, 32]\ndata: cifar10\nlayers:",
        *(f"  - {layer}" for layer in [*STAGE * 66, "Flatten", "Linear: 10"]),
    ]
)


def main() -> None:
    """Measures every command in turns and prints a table."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        description = ROOT / "golden/my_cnn/architecture.yaml"
        large = folder / "large.yaml"
        large.write_text(LARGE, encoding="utf-8")
        for count in (100, 1000):
            items = "  - Linear: 64\n  - GELU\n" * (count // 2)
            text = f"name: long\ntask: regression\ninput: [64]\ndata: synthetic\nlayers:\n{items}"
            (folder / f"{count}.yaml").write_text(text, encoding="utf-8")
        checkout = copy_checkout(folder / "checkout")
        commit_all(checkout)
        nngen = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(checkout / 'generator')!r}); {START}"]
        subprocess.run([*nngen, "new", str(description), str(folder / "plain")], check=True, capture_output=True)
        commit_all(folder / "plain")
        copier = [sys.executable, "-m", "copier", "copy", "--quiet", str(folder / "plain")]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "nngen --help": [*nngen, "--help"],
            "nngen check my_cnn.yaml": [*nngen, "check", str(description)],
            "nngen check, 200 layers": [*nngen, "check", str(large)],
            "bare copier, the same files": [*copier, "DEST"],
            "nngen new my_cnn.yaml": [*nngen, "new", str(description), "DEST"],
            "nngen new, 100 items": [*nngen, "new", str(folder / "100.yaml"), "DEST"],
            "nngen new, 1,000 items": [*nngen, "new", str(folder / "1000.yaml"), "DEST"],
            "nngen update": [*nngen, "update", "EDITED"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(ROUNDS + 1):
            for name, command in commands.items():
                dest = folder / "made" / f"{turn} {name}"
                if "EDITED" in command:
                    shutil.copytree(folder / "plain", dest := dest.with_name(f"{dest.name}, edited"))
                    edit(dest)
                seconds = cpu_time([str(dest) if part in ("DEST", "EDITED") else part for part in command])
                if turn:  # the first one warms the caches
                    times[name].append(seconds)
        for name, seconds in times.items():
            print(f"{name:30} {1000 * statistics.median(seconds):6.0f} ms")


def edit(project: Path) -> None:
    """Edits a project by hand, and its description."""
    with (project / "my_cnn/train.py").open("a") as file:
        file.write("\n# mine\n")
    commit_all(project)
    path = project / "architecture.yaml"
    path.write_text(path.read_text().replace("Linear: 128", "Linear: 96"))


def cpu_time(command: list[str]) -> float:
    """The seconds of CPU time that a command and its children take."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
