"""What an update takes over: changes of a description, and changes of the template as they show in what it renders."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import yaml

from nngen import pipeline
from nngen.language.errors import DescriptionError
from rendering import Files

DESCRIPTIONS = {
    "cnn": """\
name: my_cnn
task: classification
input: [1, 8, 8]
layers:
  - Conv2d: {out_channels: 8, kernel_size: 3, padding: 1}
  - ReLU
  - MaxPool2d: 2
  - Conv2d: {out_channels: 16, kernel_size: 3, padding: 1}
  - ReLU
  - MaxPool2d: 2
  - Flatten
  - Linear: 32
  - ReLU
  - Linear: 10
data: digits
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.001}}
training: {epochs: 10, batch_size: 64}
""",
    "mlp": """\
name: my_mlp
task: classification
input: [64]
args: {hidden: 64, dropout: 0.1}
layers:
  - Linear: $hidden
  - BatchNorm1d
  - ReLU
  - Dropout: $dropout
  - Linear: 32
  - BatchNorm1d
  - ReLU
  - Linear: 10
data: digits
optimizer: {AdamW: {lr: 0.002, weight_decay: 0.01}}
scheduler: CosineAnnealingLR
training: {epochs: 12, batch_size: 128}
""",
    "regression": """\
name: my_regression
task: regression
input: [10]
layers:
  - Linear: 32
  - ReLU
  - Linear: 16
  - ReLU
  - Linear: 1
data: diabetes
training: {epochs: 30, batch_size: 32}
""",
    "residual": """\
name: my_resnet
task: classification
input: [1, 8, 8]
blocks:
  Block:
    args: {channels: }
    layers:
      - branches:
          main:
            - Conv2d: {out_channels: $channels, kernel_size: 3, padding: 1, bias: false}
            - BatchNorm2d
            - ReLU
            - Conv2d: {out_channels: $channels, kernel_size: 3, padding: 1, bias: false}
            - BatchNorm2d
          shortcut: [{Conv2d: {out_channels: $channels, kernel_size: 1}}]
        merge: add
      - ReLU
layers:
  - Conv2d: {out_channels: 8, kernel_size: 3, padding: 1}
  - ReLU
  - Block: 8
  - MaxPool2d: 2
  - Block: 16
  - AdaptiveAvgPool2d: 1
  - Flatten
  - Linear: 10
data: digits
training: {epochs: 5, batch_size: 64}
""",
}


class Change(NamedTuple):
    """A change by its name: of the description's text, or of the rendered files."""

    name: str
    description: Callable[[str], str] | None = None
    template: Callable[[Files, str], Files] | None = None


def _text(old: str, new: str) -> Callable[[str], str]:
    def make(text: str) -> str:
        assert old in text, f"{old!r} is not there"
        return text.replace(old, new, 1)

    return make


def _rendered(path: str, pattern: str, replacement: str) -> Callable[[Files, str], Files]:
    def make(files: Files, package: str) -> Files:
        where = path.format(package=package)
        text, count = re.subn(pattern, replacement, files[where], count=1, flags=re.MULTILINE)
        assert count, f"{pattern!r} is not in {where}"
        return {**files, where: text}

    return make


def _new_file(path: str, text: str) -> Callable[[Files, str], Files]:
    return lambda files, package: {**files, path.format(package=package): text}


CONV = "  - Conv2d: {out_channels: 12, kernel_size: 3, padding: 1}\n  - GELU\n"
CNN = {
    "a wider layer": _text("Linear: 32", "Linear: 48"),
    "a layer in front": _text("layers:\n", f"layers:\n{CONV}"),
    "a layer between": _text("  - MaxPool2d: 2\n", f"  - MaxPool2d: 2\n{CONV}"),
    "a layer removed": _text("  - Conv2d: {out_channels: 8, kernel_size: 3, padding: 1}\n  - ReLU\n", ""),
    "dropout": _text("  - Linear: 10\n", "  - Dropout: 0.2\n  - Linear: 10\n"),
    "another activation": _text("  - ReLU\n  - Linear", "  - SiLU\n  - Linear"),
    "another name": _text("name: my_cnn", "name: better_net"),
    "a scheduler": _text("training:", "scheduler: CosineAnnealingLR\ntraining:"),
    "another optimizer": _text("{Adam: {lr: 0.001}}", "{SGD: {lr: 0.1, momentum: 0.9}}"),
    "more epochs": _text("epochs: 10", "epochs: 40"),
    "clipped gradients": _text("batch_size: 64}", "batch_size: 64, clip_grad_norm: 1.0}"),
    "another kernel": _text("kernel_size: 3, padding: 1", "kernel_size: 5, padding: 2"),
}
TEMPLATE = {
    "a setting more": _rendered(
        "{package}/train.py", r"^(    out: str = .*\n)", r"\1    quiet: bool = False  # print less\n"
    ),
    "a docstring": _rendered(
        "{package}/train.py", r"^    curves\.png .*$", "    curves.png     the same, plotted at the end"
    ),
    "a helper more": _rendered(
        "{package}/train.py",
        r"^def main\(",
        "def seconds(start: float) -> str:\n    return f'{start:.1f} s'\n\n\ndef main(",
    ),
    "an import more": _rendered("{package}/train.py", r"^import json\n", "import json\nimport time\n"),
    "another way to say it": _rendered("{package}/train.py", r"^(        tqdm\.write\(\", \")", r"\1 / "),
    "a name in the loop": _rendered("{package}/train.py", r"is_best = best is None", "is_best = (epoch == 1)"),
    "digits of a metric": _rendered("{package}/predict.py", r"^(import argparse\n)", r"\1import sys\n"),
    "a dependency": _rendered("pyproject.toml", r'^    "tqdm.*\n', '    "tqdm>=4.67",\n    "rich>=13",\n'),
    "a section of the README": _rendered("README.md", r"\Z", "\n## License\n\nSee LICENSE.\n"),
    "a new file": _new_file("{package}/profile.py", "import cProfile\n"),
    "a comment in the checkpoint": _rendered(
        "{package}/checkpoint.py", r"^    os\.replace\(temporary, path\)", "    temporary.replace(path)"
    ),
    "a test more": _rendered("tests/test_train.py", r"\Z", "\n\ndef test_nothing() -> None:\n    pass\n"),
}

CHANGES = [Change(name, description=make) for name, make in CNN.items()]
CHANGES += [Change(f"template: {name}", template=make) for name, make in TEMPLATE.items()]


def drawn(text: str, random: random.Random) -> tuple[str, str, Callable[[Files, str], Files] | None]:
    """A random change of a description, now and then with one of the template; or of the template alone."""
    template = random.choice(list(TEMPLATE)) if random.random() < 0.3 else None
    rendered = TEMPLATE[template] if template else None
    if template and random.random() < 0.5:
        return f"template: {template}", text, rendered
    for _ in range(100):
        values = yaml.safe_load(text)
        names = [_change(values, random) for _ in range(random.choice((1, 1, 1, 2)))]
        changed = yaml.safe_dump(values, sort_keys=False)
        try:
            pipeline.read(changed)
        except DescriptionError:
            continue
        if values != yaml.safe_load(text):
            return ", ".join([*names, *([f"template: {template}"] if template else [])]), changed, rendered
    raise AssertionError("no change gives a valid description")


NEW_LAYERS: tuple[Any, ...] = (
    "ReLU",
    "GELU",
    {"Dropout": 0.25},
    {"Linear": 24},
    "BatchNorm2d",
    "BatchNorm1d",
    "LayerNorm",
    {"Conv2d": {"out_channels": 6, "kernel_size": 3, "padding": 1}},
    {"Conv2d": {"out_channels": 20, "kernel_size": 1}},
)


def _change(values: dict[str, Any], random: random.Random) -> str:
    blocks = [block["layers"][0]["branches"]["main"] for block in values.get("blocks", {}).values()]
    layers = random.choice([values["layers"], values["layers"], *blocks])
    place = random.randrange(len(layers))
    training = values.setdefault("training", {})
    kind = random.choice(
        "insert insert insert remove remove move change change training optimizer scheduler name".split()
    )
    match kind:
        case "insert":
            layers.insert(place, random.choice(NEW_LAYERS))
        case "remove":
            del layers[place]
        case "move":
            layers.insert(random.randrange(len(layers)), layers.pop(place))
        case "change":
            layers[place] = _changed(layers[place], random)
        case "training":
            more = {"epochs": 25, "batch_size": 96, "clip_grad_norm": 1.0, "early_stopping": 5, "ema": 0.99}
            key = random.choice(list(more))
            training[key] = more[key]
        case "optimizer":
            values["optimizer"] = random.choice(
                [{"SGD": {"lr": 0.05}}, {"AdamW": {"lr": 0.003}}, {"RMSprop": {"lr": 0.001}}]
            )
        case "scheduler":
            values["scheduler"] = random.choice(["CosineAnnealingLR", {"StepLR": {"step_size": 5}}])
        case "name":
            values["name"] = "another_net"
    return kind


def _changed(item: Any, random: random.Random) -> Any:
    if not isinstance(item, Mapping):
        return random.choice(["ReLU", "GELU", "SiLU"]) if item in ("ReLU", "GELU", "SiLU") else item
    kind, value = next(iter(item.items()))
    if isinstance(value, int):
        return {kind: value * 2}
    if isinstance(value, dict) and isinstance(value.get("out_channels"), int):
        return {kind: {**value, "out_channels": value["out_channels"] + 4}}
    return item
