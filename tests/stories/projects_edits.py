"""Larger edits, as people make them in real repositories: split files, frameworks, loggers, several GPUs, own losses.

They were written after the second merge, which has never been changed because of them: they are kept apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rendering import Files

from .edits import CHECKPOINT, DATA, EVALUATE, MODEL, TRAIN, Edit, Make, _added, _after, _appended, _before, _replaced


def _all(*makes: Make) -> Make:
    def make(files: Files, package: str) -> Files | None:
        for part in makes:
            made = part(files, package)
            if made is None:
                return None
            files = made
        return files

    return make


def _moved_out(source: str, target: str, pattern: str, head: str, imported: str) -> Make:
    """A definition moves into a file of its own, and is imported from there."""

    def make(files: Files, package: str) -> Files | None:
        text = files[source.format(package=package)]
        match = re.search(pattern, text, re.MULTILINE | re.DOTALL)
        if not match:
            return None
        rest = text.replace(match[0], "", 1).replace("from .model", f"{imported}\nfrom .model", 1)
        return {
            **files,
            source.format(package=package): rest,
            target.format(package=package): f"{head}\n\n\n{match[0].strip()}\n",
        }

    return make


def _everywhere(change: Callable[[str], str]) -> Make:
    return lambda files, package: {
        path: change(text) if path.endswith(".py") and path.startswith(package) else text
        for path, text in files.items()
    }


def _bare_types(text: str) -> str:
    return text.replace(" -> None:", ":").replace(" -> float:", ":").replace("x: Tensor) -> Tensor", "x)")


LOGGING = "import json\nimport logging\n"
LARGE = [
    Edit(
        "the loop in a file of its own",
        _moved_out(
            TRAIN,
            "{package}/loop.py",
            r"def train_one_epoch\(.*?\n\n\n",
            "from __future__ import annotations\n\nimport torch\nfrom torch import nn\nfrom tqdm import tqdm\n\n"
            "from .data import Split\nfrom .evaluate import loss_function",
            "from .loop import train_one_epoch",
        ),
    ),
    Edit(
        "the settings in a file of their own",
        _moved_out(
            TRAIN,
            "{package}/config.py",
            r"@dataclass\nclass Config:.*?\n\n\n",
            "from dataclasses import dataclass\n\nimport torch",
            "from .config import Config",
        ),
    ),
    Edit(
        "a logger instead of print",
        _all(
            _replaced(TRAIN, r"^import json\n", LOGGING),
            _before(TRAIN, r"^@dataclass", "log = logging.getLogger(__name__)\n\n\n"),
            _replaced(TRAIN, r"^    print\(f\"best", '    log.info(f"best'),
            _after(TRAIN, r"^    config = parse_config\(argv\)", "    logging.basicConfig(level=logging.INFO)\n"),
        ),
    ),
    Edit(
        "wandb",
        _all(
            _replaced(TRAIN, r"^import torch\n", "import torch\nimport wandb\n"),
            _after(TRAIN, r"^    out\.mkdir", '    wandb.init(project="digits", config=asdict(config))\n'),
            _after(TRAIN, r"^        history\.append", "        wandb.log(row)\n"),
            _after("pyproject.toml", r"^    \"matplotlib", '    "wandb>=0.17",\n'),
            _appended(".gitignore", "/wandb/\n"),
        ),
    ),
    Edit(
        "mlflow at the end",
        _all(
            _replaced(TRAIN, r"^import json\n", "import json\nimport os\n"),
            _before(TRAIN, r"^    plot_curves\(", "    os.sync()\n"),
            _before(TRAIN, r'^if __name__ == "__main__"', "def report(best: float) -> None:\n    print(best)\n\n\n"),
        ),
    ),
    Edit(
        "several GPUs",
        _all(
            _replaced(TRAIN, r"^import math\n", "import math\nimport os\n"),
            _after(TRAIN, r"^    device: str", "    local_rank: int = 0  # set by torchrun\n"),
            _after(
                TRAIN,
                r"^    model = \w+\(\)",
                "    if torch.cuda.device_count() > 1:\n        model = nn.DataParallel(model)\n",
            ),
            _after(TRAIN, r"^    torch\.set_flush_denormal", '    os.environ.setdefault("NCCL_DEBUG", "WARN")\n'),
        ),
    ),
    Edit(
        "autocast",
        _replaced(
            TRAIN,
            r"^        loss = loss_function\((.*)\)\n",
            "        with torch.autocast(config.device, enabled=config.device == 'cuda'):\n"
            "            loss = loss_function(\\1)\n",
        ),
    ),
    Edit("a compiled model", _after(TRAIN, r"^    model\.to\(memory", "    model.compile(disable=True)\n")),
    Edit(
        "a focal loss",
        _all(
            _before(
                EVALUATE,
                r"^loss_function =",
                "class FocalLoss(nn.CrossEntropyLoss):\n"
                "    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:\n"
                "        loss = super().forward(input, target)\n"
                "        return loss * (1 - (-loss).exp()) ** 2\n\n\n",
            ),
            _replaced(EVALUATE, r"= nn\.CrossEntropyLoss\(", "= FocalLoss("),
        ),
    ),
    Edit(
        "an auxiliary loss",
        _all(
            _before(TRAIN, r"^def train_one_epoch", "AUXILIARY = 1e-4  # weight of the norm\n\n\n"),
            _before(
                TRAIN,
                r"^        loss\.backward\(\)",
                "        loss = loss + AUXILIARY * sum(p.square().sum() for p in model.parameters())\n",
            ),
        ),
    ),
    Edit("no types", _everywhere(_bare_types)),
    Edit("double blank comments", _everywhere(lambda text: text.replace("  # ", "   # "))),
    Edit("a licence above each file", _everywhere(lambda text: f"# Copyright (c) The Lab\n{text}" if text else text)),
    Edit(
        "future annotations everywhere",
        _everywhere(lambda text: text.replace('"""\n\n', '"""\n\nfrom __future__ import annotations\n\n', 1)),
    ),
    Edit(
        "a backbone method",
        _all(
            _before(
                MODEL,
                r"^    def forward",
                "    def parameters_of_head(self) -> list[nn.Parameter]:\n"
                "        return list(self.fc2.parameters())\n\n",
            ),
            _after(MODEL, r"^        super\(\)", "        self.frozen = False\n"),
        ),
    ),
    Edit(
        "weights initialised",
        _before(
            MODEL,
            r"^    def forward",
            "        for module in self.modules():\n"
            "            if isinstance(module, nn.Linear):\n"
            "                nn.init.kaiming_normal_(module.weight)\n\n",
        ),
    ),
    Edit(
        "a hook in forward",
        _all(
            _after(MODEL, r"^        super\(\)", "        self.seen: list[float] = []\n"),
            _before(MODEL, r"^        return x", "        self.seen.append(float(x.detach().mean()))\n"),
        ),
    ),
    Edit(
        "augmentation",
        _all(
            _before(
                DATA,
                r"^def load_data",
                "def augment(x: Tensor) -> Tensor:\n    return x + 0.01 * torch.randn_like(x)\n\n\n",
            ),
            _replaced(TRAIN, r"^from \.data import Split, load_data", "from .data import Split, augment, load_data"),
            _after(TRAIN, r"^        batch = ", "        batch = batch._replace(x=augment(batch.x))\n"),
        ),
    ),
    Edit(
        "cross-validation",
        _all(
            _after(TRAIN, r"^    seed: int", "    fold: int = 0\n"),
            _replaced(DATA, r"manual_seed\(0\)", "manual_seed(1)"),
            _added("{package}/folds.py", "FOLDS = 5\n"),
        ),
    ),
    Edit(
        "a learning rate of one's own",
        _all(
            _replaced(TRAIN, r"^    lr: float = .*", "    lr: float = 0.0007"),
            _before(TRAIN, r"^    optimizer = ", "    print(f'lr {config.lr}')\n"),
        ),
    ),
    Edit(
        "early exit",
        _before(TRAIN, r"^        is_best = ", "        if not math.isfinite(train_loss):\n            break\n"),
    ),
    Edit(
        "a safer checkpoint",
        _all(
            _before(CHECKPOINT, r"^def load_checkpoint", "KEEP = 3  # checkpoints\n\n\n"),
            _after(CHECKPOINT, r"^    os\.replace", "    path.chmod(0o640)\n"),
        ),
    ),
    Edit("a dictionary of metrics", _after(EVALUATE, r'^        "loss": ', '        "count": float(len(y)),\n')),
    Edit(
        "per-class accuracy",
        _before(
            EVALUATE,
            r"^    return \{",
            "    for number in range(10):\n        right = (predicted == y)[y == number]\n"
            "        print(number, right.float().mean().item())\n",
        ),
    ),
    Edit(
        "a table of results in the README",
        _appended("README.md", "\n## Results\n\n| run | accuracy |\n| --- | ---: |\n| 1 | 0.98 |\n"),
    ),
    Edit("pre-commit", _added(".pre-commit-config.yaml", "repos: []\n")),
    Edit(
        "ruff in pyproject",
        _appended("pyproject.toml", '\n[tool.ruff]\nline-length = 100\n\n[tool.ruff.lint]\nselect = ["E", "F"]\n'),
    ),
    Edit("a slow test", _appended("tests/test_train.py", "\n\ndef test_slow() -> None:\n    assert 1 + 1 == 2\n")),
]
