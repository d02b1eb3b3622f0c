"""The edits that people make in a generated project, found by what they look for, not by line numbers."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import NamedTuple

import black

from rendering import Files

Make = Callable[[Files, str], Files | None]  # None: there is nothing to edit so


class Edit(NamedTuple):
    """An edit by its name."""

    name: str
    make: Make


def _replaced(path: str, pattern: str, replacement: str) -> Make:
    def make(files: Files, package: str) -> Files | None:
        where = path.format(package=package)
        text, count = re.subn(pattern, replacement, files.get(where, ""), count=1, flags=re.MULTILINE)
        return {**files, where: text} if count else None

    return make


def _after(path: str, pattern: str, lines: str) -> Make:
    return _replaced(path, rf"({pattern}.*\n)", r"\1" + lines.replace("\\", r"\\"))


def _before(path: str, pattern: str, lines: str) -> Make:
    return _replaced(path, rf"^(.*{pattern})", lines.replace("\\", r"\\") + r"\1")


def _appended(path: str, text: str) -> Make:
    def make(files: Files, package: str) -> Files | None:
        where = path.format(package=package)
        return {**files, where: files[where] + text} if where in files else None

    return make


def _added(path: str, text: str) -> Make:
    return lambda files, package: {**files, path.format(package=package): text}


def _called(path: str, pattern: str, name: str) -> Make:
    """Another name for the last thing that the pattern finds, wherever it stands in the file."""

    def make(files: Files, package: str) -> Files | None:
        where = path.format(package=package)
        found = re.findall(pattern, files.get(where, ""))
        return {**files, where: re.sub(rf"\b{found[-1]}\b", name, files[where])} if found else None

    return make


def _wider_lines(path: str) -> Make:
    def make(files: Files, package: str) -> Files | None:
        where = path.format(package=package)
        return {**files, where: black.format_str(files[where], mode=black.Mode(line_length=120))}

    return make


MODEL, TRAIN, DATA = "{package}/model.py", "{package}/train.py", "{package}/data.py"
EVALUATE, PREDICT, PLOTS = "{package}/evaluate.py", "{package}/predict.py", "{package}/plots.py"
CHECKPOINT = "{package}/checkpoint.py"

EDITS = [
    Edit("another seed", _replaced(TRAIN, r"seed: int = 0", "seed: int = 42")),
    Edit("a comment of a setting", _replaced(TRAIN, r"# samples per step", "# as many as fit my card")),
    Edit("another learning rate", _replaced(TRAIN, r"lr: float = [\d.e-]+", "lr: float = 0.0042")),
    Edit("a setting at the end", _after(TRAIN, r"^    resume: bool", "    log_every: int = 10  # steps\n")),
    Edit("a setting at the start", _before(TRAIN, r"    epochs: int", "    note: str = ''  # what is tried\n")),
    Edit("a setting after the seed", _after(TRAIN, r"^    seed: int", "    fold: int = 0  # of five\n")),
    Edit("another output folder", _replaced(TRAIN, r'out: str = "runs"', 'out: str = "/scratch/runs"')),
    Edit("label smoothing", _replaced(EVALUATE, r"CrossEntropyLoss\(", "CrossEntropyLoss(label_smoothing=0.1")),
    Edit("another loss", _replaced(EVALUATE, r"MSELoss\(\)", "HuberLoss(delta=2.0)")),
    Edit("a comment above the loss", _before(EVALUATE, r"^loss_function =", "# chosen after the ablation in June\n")),
    Edit(
        "a metric printed", _after(EVALUATE, r"^    model\.eval\(\)", "    assert len(data.y), 'nothing to evaluate'\n")
    ),
    Edit(
        "a helper for a metric",
        _before(EVALUATE, r"^@torch", "def share(part: int, whole: int) -> float:\n    return part / whole\n\n\n"),
    ),
    Edit("noise on the data", _before(DATA, r"^    x = ", "    # mine: shown as they are\n")),
    Edit("a constant", _after(DATA, r"^from torch import", "\nNOISE = 0.05  # of the sensor\n")),
    Edit("another split", _replaced(DATA, r"count \* 0\.2\b", "count * 0.25")),
    Edit(
        "a function at the end of the data",
        _appended(DATA, "\n\ndef classes() -> list[str]:\n    return list('0123456789')\n"),
    ),
    Edit("a print in forward", _before(MODEL, r"^        return x", "        x = 1.0 * x  # a scale, some day\n")),
    Edit(
        "a method of the model",
        _appended(
            MODEL,
            "\n    def freeze(self) -> None:\n"
            "        for each in self.parameters():\n            each.requires_grad_(False)\n",
        ),
    ),
    Edit("a comment above a layer", _before(MODEL, r"^        self\.fc\w* =", "        # the head, see the paper\n")),
    Edit("a line in the constructor", _after(MODEL, r"^        super\(\)", "        self.calls = 0\n")),
    Edit(
        "a counter in forward",
        _after(MODEL, r"^    def forward", "        self.calls = getattr(self, 'calls', 0) + 1\n"),
    ),
    Edit("an import of the model", _after(MODEL, r"^from torch import", "from torch.nn import functional as F\n")),
    Edit(
        "a class beside the model",
        _before(
            MODEL,
            r"^class ",
            "class Scale(nn.Module):\n    def forward(self, x: Tensor) -> Tensor:\n        return 2 * x\n\n\n",
        ),
    ),
    Edit(
        "the model's docstring", _replaced(MODEL, r'^"""The network.*"""', '"""The network of our paper, section 3."""')
    ),
    Edit("an import of the training", _after(TRAIN, r"^import json", "import logging\n")),
    Edit("a logger", _before(TRAIN, r"^@dataclass", "logger = logging.getLogger(__name__)\n\n\n")),
    Edit(
        "gradients clipped",
        _after(TRAIN, r"^        loss\.backward\(\)", "        nn.utils.clip_grad_value_(model.parameters(), 5.0)\n"),
    ),
    Edit(
        "gradients looked at",
        _before(
            TRAIN,
            r"^        optimizer\.step\(\)",
            "        norms = [p.grad.norm() for p in model.parameters() if p.grad is not None]\n",
        ),
    ),
    Edit("a tracker", _after(TRAIN, r"^        history\.append", "        tracker.log(row)\n")),
    Edit("the tracker begun", _after(TRAIN, r"^    out\.mkdir", "    tracker = Tracker(out)\n")),
    Edit(
        "a class for it",
        _before(
            TRAIN,
            r"^def train_one_epoch",
            "class Tracker:\n    def __init__(self, out: Path) -> None:\n        self.out = out\n\n"
            "    def log(self, row: dict[str, float]) -> None:\n        print(row)\n\n\n",
        ),
    ),
    Edit("one metric more", _after(EVALUATE, r'^        "loss": ', '        "perplexity": loss.exp().item(),\n')),
    Edit(
        "noise in training",
        _after(TRAIN, r"^        batch = ", "        batch.x.add_(0.05 * torch.randn_like(batch.x))\n"),
    ),
    Edit("a layer called otherwise", _called(MODEL, r"self\.(fc\d*) =", "head")),
    Edit("a function called otherwise", _called(TRAIN, r"def (train_one_epoch)", "run_epoch")),
    Edit("lines of 120 characters", _wider_lines(TRAIN)),
    Edit("the size of the figure", _replaced(PLOTS, r"figsize=\(9, 3\.5\)", "figsize=(12, 5)")),
    Edit("a grid", _before(PLOTS, r"^    figure\.savefig", "    losses.grid(True)\n")),
    Edit("weight decay", _replaced(TRAIN, r"^(        lr=config\.lr,\n)", r"\1        weight_decay=0.05,\n")),
    Edit("the device", _replaced(TRAIN, r"^    device: str = .*", '    device: str = "cpu"  # no card here')),
    Edit(
        "the parameters counted",
        _after(TRAIN, r"^    model = \w+\(\)", "    print(sum(p.numel() for p in model.parameters()))\n"),
    ),
    Edit("a line after training", _before(TRAIN, r'^    print\(f"best', "    (out / 'done').touch()\n")),
    Edit(
        "more in a checkpoint",
        _after(TRAIN, r'^            "config": asdict', '            "host": os.uname().nodename,\n'),
    ),
    Edit("the evaluation's digits", _replaced(EVALUATE, r":\.4f\}", ":.6f}")),
    Edit("a line of a prediction", _after(PREDICT, r"^    for number, prediction", "        print('-' * 40)\n")),
    Edit("a comment in the checkpoint", _before(CHECKPOINT, r"^    os\.replace", "    # mine: NFS is slow here\n")),
    Edit("a text below the title", _after("README.md", r"^# ", "\nThe network of our paper; ask Ann for the data.\n")),
    Edit("a section at the end", _appended("README.md", "\n## Results\n\n98.4 % on our own test set.\n")),
    Edit("a dependency", _after("pyproject.toml", r"^    \"matplotlib", '    "wandb>=0.17",\n')),
    Edit("a version", _replaced("pyproject.toml", r'^version = ".*"', 'version = "1.2.0"')),
    Edit("a tool's settings", _appended("pyproject.toml", '\n[tool.coverage.run]\nsource = ["src"]\n')),
    Edit("a line in .gitignore", _appended(".gitignore", "/wandb/\n")),
    Edit("a file of one's own", _added("{package}/sweep.py", "SEEDS = [1, 2, 3]\n")),
    Edit("a test", _appended("tests/test_model.py", "\n\ndef test_mine() -> None:\n    assert True\n")),
    Edit("a fixture", _appended("tests/conftest.py", "\n\nSLOW = False\n")),
    Edit("a weaker test", _replaced("tests/test_model.py", r"> 0\.8", "> 0.7")),
]

# they need another edit beside them, or change what the project's tests look at
ALONE = frozenset(
    {"a tracker", "the tracker begun", "more in a checkpoint", "a logger", "another output folder", "label smoothing"}
)


def drawn(files: Files, package: str, random: random.Random) -> tuple[str, Files]:
    """One to three edits: of those above, or a comment or statement of one's own anywhere."""
    names = []
    result = files
    while len(names) < random.choice((1, 1, 2, 3)):
        if random.random() < 0.7:
            edit = random.choice(EDITS)
            made = edit.make(result, package)
            name = edit.name
        else:
            name, made = _anywhere(result, package, random)
        if made is not None and made != result and name not in names:
            names.append(name)
            result = made
    return ", ".join(names), result


def _anywhere(files: Files, package: str, random: random.Random) -> tuple[str, Files | None]:
    path = random.choice([each for each in files if each.endswith(".py") and files[each].strip()])
    lines = files[path].splitlines(keepends=True)
    places = [i for i, line in enumerate(lines) if re.match(r"^ {4,}(self\.|[a-z_]+ = |return |for |if )", line)]
    if not places:
        return "", None
    place = random.choice(places)
    indent = re.match(r" *", lines[place])[0]  # type: ignore[index]
    mark = random.randrange(10**6)
    if random.random() < 0.5 or lines[place].strip().startswith(("return", "for", "if")) or not _whole(lines[place]):
        lines.insert(place, f"{indent}# mine, {mark}\n")
        return f"a comment in {path}:{place + 1}", {**files, path: "".join(lines)}
    lines.insert(place + 1, f"{indent}mine = {mark}\n")
    return f"a statement in {path}:{place + 1}", {**files, path: "".join(lines)}


def _whole(line: str) -> bool:
    return (
        line.count("(") == line.count(")") and line.count("[") == line.count("]") and line.count("{") == line.count("}")
    )
