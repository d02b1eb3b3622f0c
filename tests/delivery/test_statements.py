"""What git leaves in conflict and is merged statement by statement, and what stays in conflict there."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from conftest import Run, commit_all, git
from nngen.delivery.statements.merging import merge_text
from nngen.delivery.statements.units import Unmergeable
from nngen.delivery.update import update
from projects import describe, edit, head

BASE = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        x = self.fc1(x)
        return self.fc2(x)


def train(model, batches):
    model.train()
    losses = []
    for batch in batches:
        loss = model(batch).mean()
        loss.backward()
        losses.append(loss)
    return losses
"""
Change = tuple[str, str]


def merged(tmp_path: Path, path: str, base: str, mine: Change | str, made: Change | str) -> str:
    """What comes of two edits of a text which git finds in conflict."""
    ours, theirs = (change if isinstance(change, str) else _replaced(base, *change) for change in (mine, made))
    for name, text in (("ours", ours), ("base", base), ("theirs", theirs)):
        (tmp_path / name).write_text(text, newline="")
    command = ["git", "merge-file", "-p", "-L", "yours", "-L", "base", "-L", "generated", "ours", "base", "theirs"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 1, "git has no conflict"
    return merge_text(path, base, ours, theirs, done.stdout.decode(), "yours")


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def _lines(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.splitlines() if line.strip())


def after(line: str, *lines: str) -> Change:
    """Lines inserted after one, at its depth."""
    indent = line[: len(line) - len(line.lstrip())]
    return f"{line}\n", "".join([f"{line}\n", *(f"{indent}{new}\n" for new in lines)])


TAKEN = {
    "changes of neighbouring statements": (
        ("nn.Linear(64, 32)", "nn.Linear(64, 48)"),
        ("nn.Linear(32, 10)", "nn.Linear(32, 12)"),
        "        self.fc1 = nn.Linear(64, 48)\n        self.fc2 = nn.Linear(32, 12)\n",
    ),
    "a line beside a changed one": (
        after("        loss.backward()", "torch.cuda.synchronize()"),
        ("losses.append(loss)", "losses.append(loss.detach())"),
        "        torch.cuda.synchronize()\n        losses.append(loss.detach())\n",
    ),
    "a layer beside an attribute": (
        after("        super().__init__()", "self.calls = 0"),
        after("        super().__init__()", "self.drop = nn.Dropout(0.2)"),
        "        self.drop = nn.Dropout(0.2)\n        self.calls = 0\n        self.fc1 = nn.Linear(64, 32)\n",
    ),
    "the end of a loop and what follows it": (
        after("        losses.append(loss)", "print(loss)"),
        ("    return losses\n", "    model.eval()\n    return losses\n"),
        "        losses.append(loss)\n        print(loss)\n    model.eval()\n",
    ),
    "a docstring, which comes first": (
        ("    model.train()\n", "    seen = 0\n    model.train()\n"),
        ("    model.train()\n", '    """Train it."""\n    model.train()\n'),
        '    """Train it."""\n    seen = 0\n    model.train()\n',
    ),
    "a comment, which stays above its statement": (
        ("    model.train()\n", "    # switches dropout on\n    model.train()\n"),
        ("    model.train()\n", "    seen = 0\n    model.train()\n"),
        "    seen = 0\n    # switches dropout on\n    model.train()\n",
    ),
    "two functions at one place": (
        ("def train(", "def mine():\n    return 1\n\n\ndef train("),
        ("def train(", "def theirs():\n    return 2\n\n\ndef train("),
        "def mine():\n    return 1\n\n\ndef theirs():\n    return 2\n\n\ndef train(",
    ),
    "a removed statement beside an independent one": (
        ("    model.train()\n", "    model.train()\n    seen = 0\n"),
        ("    model.train()\n    losses = []\n", "    losses = []\n"),
        "(model, batches):\n    seen = 0\n    losses = []\n",
    ),
    "a statement that is indented, and changed": (
        ("    model.train()\n    losses = []\n", "    if model:\n        model.train()\n    losses = []\n"),
        ("    model.train()\n", "    model.train(True)\n"),
        "    if model:\n        model.train(True)\n    losses = []\n",
    ),
}


@pytest.mark.parametrize("case", TAKEN)
def test_edits_of_different_statements_are_both_taken(case: str, tmp_path: Path) -> None:
    mine, made, expected = TAKEN[case]
    text = merged(tmp_path, "net.py", BASE, mine, made)
    assert expected in text
    counts = _lines(BASE)
    for old, new in (mine, made):
        before, after_it = _lines(BASE), _lines(_replaced(BASE, old, new))
        counts = counts + (after_it - before) - (before - after_it)
    assert _lines(text) == counts


REFUSED = {
    "one statement changed by both": (
        ("nn.Linear(64, 32)", "nn.Linear(64, 48)"),
        ("nn.Linear(64, 32)", "nn.Linear(64, 40)"),
        "both sides changed one statement",
    ),
    "an order that matters": (
        after("        x = self.fc1(x)", "x = torch.relu(x)"),
        after("        x = self.fc1(x)", "x = x / 2"),
        "the order may matter",
    ),
    "a call that changes what the other reads": (
        after("    losses = []", "losses.append(0)"),
        after("    losses = []", "print(len(losses))"),
        "the order may matter",
    ),
    "random numbers behind a seed": (
        after("    losses = []", "torch.manual_seed(0)"),
        after("    losses = []", "noise = torch.rand(3)"),
        "the order may matter",
    ),
    "a return beside a statement": (
        after("    losses = []", "if not batches:", "    return losses"),
        after("    losses = []", "seen = 0"),
        "the order may matter",
    ),
    "a line that uses what the other removed": (
        ("    losses = []\n", "    history = []\n"),
        ("    losses = []\n", "    losses = []\n    losses.clear()\n"),
        "uses? losses",
    ),
    "a line within what the other wraps": (
        (
            "        loss = model(batch).mean()\n        loss.backward()\n",
            "        with autocast():\n            loss = model(batch).mean()\n            loss.backward()\n",
        ),
        after("        loss = model(batch).mean()", "print(batch)"),
        "inserted beside what the other indented otherwise",
    ),
    "a change of what the other copied": (
        after("        losses.append(loss)", "print(loss)", "losses.append(loss)"),
        ("losses.append(loss)", "losses.append(loss.item())"),
        "either side of a change",
    ),
    "a statement that moves": (
        ("    model.train()\n    losses = []\n", "    losses = []\n    model.train()\n"),
        after("    model.train()", "seen = 0"),
        "moved",
    ),
    "an attribute that is gone": (
        ("        self.fc2 = nn.Linear(32, 10)\n", ""),
        after("        self.fc2 = nn.Linear(32, 10)", "self.fc2.bias = None"),
        "fc2",
    ),
    "a function of the same name": (
        ("def train(", "def helper():\n    return 1\n\n\ndef train("),
        ("def train(", "def helper():\n    return 2\n\n\ndef train("),
        "the order may matter",
    ),
    "two texts": (
        after("    losses = []", "# of each batch"),
        after("    losses = []", "# the results"),
        "a text",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_when_in_doubt_the_conflict_stays(case: str, tmp_path: Path) -> None:
    mine, made, reason = REFUSED[case]
    for sides in ((mine, made), (made, mine)):
        with pytest.raises(Unmergeable, match=reason):
            merged(tmp_path, "net.py", BASE, *sides)


def test_a_field_without_a_default_keeps_its_place(tmp_path: Path) -> None:
    base = "@dataclass\nclass Config:\n    epochs: int\n    seed: int = 0\n"
    with pytest.raises(Unmergeable, match="the order may matter"):
        merged(
            tmp_path, "a.py", base, after("    epochs: int", "batch: int"), after("    epochs: int", "note: str = ''")
        )
    text = merged(
        tmp_path, "a.py", base, after("    seed: int = 0", "fold: int = 1"), after("    seed: int = 0", "lr: float = 2")
    )
    assert text == f"{base}    fold: int = 1\n    lr: float = 2\n"


def test_a_clause_stays_with_its_statement(tmp_path: Path) -> None:
    base = "def f(x):\n    if x:\n        a(x)\n    return x\n"
    mine = ("        a(x)\n", "        a(x)\n    else:\n        b(x)\n")
    made = ("        a(x)\n", "        a(x)\n    for y in x:\n        c(y)\n")
    with pytest.raises(Unmergeable):
        merged(tmp_path, "a.py", base, mine, made)


@pytest.mark.parametrize(
    ("path", "base", "mine", "made", "expected"),
    [
        ("t.md", "| a | b |\n| - | - |\n| 1 | 2 |\n", "| 3 | 4 |\n", "| 5 | 6 |\n", "| 3 | 4 |\n| 5 | 6 |\n"),
        ("l.md", "Files:\n\n- one\n", "- two\n", "- three\n", "- two\n- three\n"),
        (".gitignore", "/runs/\n", "/wandb/\n", "*.pt\n", "/wandb/\n*.pt\n"),
    ],
)
def test_rows_and_items_of_both_stay(path: str, base: str, mine: str, made: str, expected: str, tmp_path: Path) -> None:
    assert merged(tmp_path, path, base, base + mine, base + made) == base + expected


@pytest.mark.parametrize(
    ("path", "base", "mine", "made"),
    [
        ("r.md", "One line\nand another.\n", "1 line\nand another.\n", "One line\nand one more.\n"),
        ("r.md", "# Title\n", "# Title\n\nMine.\n", "# Title\n\nTheirs.\n"),
        (".gitignore", "/runs/\n", "/runs/\n!/runs/best.pt\n", "/runs/\n*.pt\n"),
        ("p.toml", 'a = [\n    "x",\n]\n', 'a = [\n    "x",\n    "y",\n]\n', 'a = ["x"]\n'),
    ],
)
def test_prose_and_settings_are_left_to_a_person(path: str, base: str, mine: str, made: str, tmp_path: Path) -> None:
    with pytest.raises(Unmergeable):
        merged(tmp_path, path, base, mine, made)


def test_line_ends_stay_and_texts_that_cannot_be_divided_are_left(tmp_path: Path) -> None:
    mine, made, _ = TAKEN["changes of neighbouring statements"]
    plain = merged(tmp_path, "net.py", BASE, mine, made)
    windows = [text.replace("\n", "\r\n") for text in (BASE, _replaced(BASE, *mine), _replaced(BASE, *made))]
    assert merged(tmp_path, "net.py", *windows) == plain.replace("\n", "\r\n")
    broken = f"{BASE}def (\n"
    with pytest.raises(Unmergeable):
        merged(tmp_path, "net.py", broken, _replaced(broken, *mine), _replaced(broken, *made))
    open_end = BASE.rstrip("\n")
    with pytest.raises(Unmergeable):
        merged(tmp_path, "net.py", open_end, _replaced(open_end, *mine), _replaced(open_end, *made))


# in a project


def _beside(project: Path) -> None:
    """An edit beside what the next update changes."""
    edit(project / "my_cnn/model.py", "        self.relu3 =", "        self.calls = 0  # mine\n        self.relu3 =")
    commit_all(project)
    describe(project, "Linear: 128", "Linear: 96")


NOTE = "my_cnn/model.py is merged statement by statement, where git has a conflict"


def test_an_update_takes_what_git_leaves_in_conflict_and_says_so(nngen: Run, project: Path) -> None:
    _beside(project)
    shown = nngen("status", project).stdout
    assert (
        "    my_cnn/model.py      merged with your edits, statement by statement, where git has a conflict\n" in shown
    )
    tried = nngen("update", "--dry-run", project)
    assert (tried.returncode, tried.stderr) == (0, f"nngen: note: {NOTE}\n")
    assert "\n+        self.fc1 = nn.Linear(64 * 2 * 2, 96)\n         self.calls = 0  # mine\n" in tried.stdout
    done = nngen("update", project)
    assert (done.returncode, done.stderr) == (0, f"nngen: note: {NOTE}\n")
    model = (project / "my_cnn/model.py").read_text()
    assert "        self.fc1 = nn.Linear(64 * 2 * 2, 96)\n        self.calls = 0  # mine\n" in model
    assert git("ls-files", "--unmerged", cwd=project) == ""
    generated = head(project, "my_cnn/model.py").replace(", 128)", ", 96)").replace("Linear(128", "Linear(96")
    assert model == generated.replace("(N, 128)", "(N, 96)")


def test_a_merge_driver_of_the_project_is_not_overruled(project: Path) -> None:
    (project / ".gitattributes").write_text("*.py -merge\n")
    _beside(project)
    assert update(project).conflicts == ("my_cnn/model.py",)
