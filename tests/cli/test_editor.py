"""What an editor's user sees while typing: the real yaml-language-server with the schema that nngen gives."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from language_server import SERVER, LanguageServer
from nngen.cli import schema
from nngen.language.catalogue.registry import catalogue
from nngen.network.operations import OPERATIONS
from nngen.paths import SCHEMA_NAME

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(
    NODE is None or not SERVER.exists(), reason="needs node, and `npm ci --prefix tests/editor`"
)

HEAD = f"{schema.modeline()}\nname: my_net\ntask: classification\ninput: [1, 8, 8]\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """A server in a folder that has the schema, as ``nngen init`` leaves it."""
    folder = tmp_path_factory.mktemp("editor")
    shutil.copy(schema.path(), folder / SCHEMA_NAME)
    assert NODE
    started = LanguageServer(NODE, folder)
    yield started
    started.close()


def at(text: str) -> tuple[str, int, int]:
    """A text without its mark ``|``, and where that is."""
    before, after = text.split("|")
    return before + after, before.count("\n"), len(before.rpartition("\n")[2])


def offered(server: LanguageServer, name: str, text: str) -> dict[str, str]:
    content, line, column = at(HEAD + text)
    server.open(name, content)
    return server.completions(name, line, column)


def explained(server: LanguageServer, name: str, text: str) -> str:
    content, line, column = at(HEAD + text)
    assert server.open(name, content) == []
    return server.hover(name, line, column).replace("\\", "")


def test_a_right_description_has_no_marks(server: LanguageServer) -> None:
    text = (
        "layers:\n  - Conv2d: {out_channels: 8, kernel_size: $size}\n  - ReLU\n  - flatten: 1\n"
        "  - branches: {a: [Linear: 3], b: []}\n    merge: {cat: -1}\n  - Linear: 10\n    name: head\n"
        "data: digits\noptimizer: {SGD: {lr: 0.1, momentum: 0.9}}\ntraining: {epochs: 3}\n"
    )
    assert server.open("right.yaml", f"{HEAD}args: {{size: 3}}\n{text}") == []


def test_mistakes_are_marked_where_they_are(server: LanguageServer) -> None:
    text = (
        "layers:\n"
        "  - Conv2d: {out_channels: 8, kernel_size: 3, kernal_size: 3}\n"
        "  - Dropout: 1.5\n"
        "  - Convv2d\n"
        "  - {Linear: 3, ReLU: }\n"
        "data: digts\n"
        "training: {epoch: 3}\n"
    )
    marks = {each["range"]["start"]["line"] - HEAD.count("\n"): each for each in server.open("wrong.yaml", HEAD + text)}
    assert sorted(marks) == [1, 2, 3, 4, 5, 6]
    assert marks[1]["message"] == "Property kernal_size is not allowed."
    assert marks[1]["range"]["start"]["character"] == text.splitlines()[1].index("kernal_size")
    assert marks[2]["message"] == "Value is above the maximum of 1."
    assert '"digits"' in marks[5]["message"]
    assert marks[6]["message"] == "Property epoch is not allowed."


def test_every_layer_and_operation_is_offered_with_its_help(server: LanguageServer) -> None:
    found = offered(server, "item.yaml", "layers:\n  - |\n")
    for name, entry in catalogue().layers.items():
        assert entry.doc in found[name]
    assert set(OPERATIONS) <= set(found)
    assert {"branches", "residual", "layers", "use", "import"} <= set(found)


@pytest.mark.parametrize("text", ["layers:\n  - LSTM:\n      |\n", "layers:\n  - LSTM: {hidden_size: 8, num|}\n"])
def test_the_arguments_of_a_layer_are_offered(server: LanguageServer, text: str) -> None:
    found = offered(server, f"arguments{'{' in text}.yaml", text)
    assert {"num_layers", "bidirectional", "proj_size"} <= set(found)
    assert found["num_layers"].startswith("Layers on top of each other.")
    assert "input_size" not in found  # it follows from the input
    assert "kernel_size" not in found


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("choices", "layers:\n  - GELU: |\n", {"none", "tanh"}),
        ("data", "layers: [ReLU]\ndata: |\n", {"digits", "synthetic"}),
        ("optimizer", "layers: [ReLU]\noptimizer: |\n", {"Adam", "AdamW", "SGD"}),
        ("training", "layers: [ReLU]\ntraining:\n  |\n", {"epochs", "batch_size", "seed"}),
        ("keys", "layers: [ReLU]\n|\n", {"blocks", "data", "loss", "optimizer", "training", "init", "tie"}),
        ("beside", "layers:\n  - Linear: 3\n    |\n", {"name", "as", "from", "repeat", "if"}),
        ("inside", "blocks:\n  Mlp:\n    layers:\n      - |\n", {"Linear", "residual", "add"}),
    ],
)
def test_what_may_follow_is_offered(server: LanguageServer, name: str, text: str, expected: set[str]) -> None:
    assert expected <= set(offered(server, f"{name}.yaml", text))


REST = "layers:\n  - Conv2d: {out_channels: 8, kernel_size: 3}\n  - ReLU\n  - softmax: 1\ndata: digits\n"


@pytest.mark.parametrize(
    ("word", "help_text"),
    [
        ("Conv2d", "Convolution over an image (N, C, H, W)."),
        ("kernel_size", "Size of the window."),
        ("ReLU", "x above 0, 0 below."),
        ("softmax", "Positive numbers that sum to 1 along a dimension."),
        ("layers", "The network, a list of layers and operations."),
        ("digits", "1,797 handwritten digits of 8 x 8 pixels, from scikit-learn."),
    ],
)
def test_a_word_is_explained(server: LanguageServer, word: str, help_text: str) -> None:
    text = REST.replace(word, f"{word[0]}|{word[1:]}", 1)
    assert help_text in explained(server, f"hover_{word}.yaml", text)
