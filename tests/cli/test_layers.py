"""``nngen layers``: every name is there and explained, and every example is what torch makes of it."""

from __future__ import annotations

import re

import pytest
import yaml

from conftest import Run
from nngen.cli import pages, reference
from nngen.language.catalogue.registry import catalogue
from nngen.language.catalogue.values import check_together, check_value
from nngen.network.operations import OPERATIONS
from nngen.network.symbolic.sizes import Symbolic
from nngen.validate.items import STRUCTURES

torch = pytest.importorskip("torch", reason="examples are run by torch")

from networks import emit  # noqa: E402
from torch_objects import build  # noqa: E402

BATCH, VARYING = 3, 5
LAYERS = list(catalogue().layers.values())
OTHERS = [entry for kind in reference.KINDS[1:] for entry in getattr(catalogue(), kind).values()]


def test_every_name_is_listed_once() -> None:
    listed = [name for group in reference.groups() for name in group.names]
    known = [entry.name for entry in (*LAYERS, *OTHERS)] + [*OPERATIONS, *STRUCTURES]
    assert sorted(listed) == sorted(known)
    assert set(known) <= set(re.findall(r"\w+", pages.listing()))


def test_the_list_says_how_many_there_are(nngen: Run) -> None:
    done = nngen("layers")
    assert done.returncode == 0, done.stderr
    assert "Layers (116)" in done.stdout and "Losses (24)" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("entry", LAYERS, ids=lambda entry: entry.name)
def test_the_example_of_a_layer_runs_in_torch(entry: object) -> None:
    check_network(reference.example(entry), entry.name)  # type: ignore[attr-defined, arg-type]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_example_of_an_operation_runs_in_torch(name: str) -> None:
    check_network(reference.operation_example(name), name)


@pytest.mark.parametrize("name", [name for name in STRUCTURES if name != "import"])  # that needs code of one's own
def test_the_example_of_a_structure_runs_in_torch(name: str) -> None:
    check_network(reference.structure_example(name), name)


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_page_of_a_structure_has_an_example(name: str) -> None:
    page = pages.page(name)
    assert page is not None and f"- {name}:" in page and max(map(len, page.splitlines())) <= 100


def check_network(fragment: reference.Fragment, name: str) -> None:
    """Shape and counts of an example are those of torch, for the code that a project gets."""
    text = fragment.text()
    assert re.search(rf"\b{name}\b", text), "the example is of something else"
    emitted = emit(f"name: example\n{text}\n")
    values = yaml.safe_load(text)
    inputs = list(values["inputs"].values()) if "inputs" in values else [values["input"]]
    module = emitted.build().eval()
    output = module(*(tensor(each) for each in inputs))
    network = emitted.network
    assert tuple(output.shape) == tuple(number(size) for size in network.models[0].outputs[0].sizes)
    assert network.parameters == sum(each.numel() for each in module.parameters())


def tensor(shape: object) -> object:
    given = shape if isinstance(shape, dict) else {"shape": shape}
    sizes = [VARYING if isinstance(size, str) else size for size in given["shape"]]
    if given.get("dtype") == "int64":
        return torch.randint(1, given.get("high", VARYING), (BATCH, *sizes))
    return torch.rand(BATCH, *sizes)


def number(size: object) -> object:
    return {"N": BATCH, "time": VARYING}[str(size)] if isinstance(size, Symbolic) else size


@pytest.mark.parametrize("entry", OTHERS, ids=lambda entry: entry.name)
def test_the_example_of_a_loss_optimizer_or_scheduler_is_taken_by_torch(entry) -> None:  # type: ignore[no-untyped-def]
    (call,) = yaml.safe_load(reference.example(entry).text()).values()
    arguments = {} if isinstance(call, str) else call[entry.name]
    for name, value in arguments.items():
        parameter = entry.parameter(name)
        assert parameter is not None and check_value(parameter, value) is None
    assert not check_together(entry, arguments)
    filled_in = dict.fromkeys(entry.traits.get("computed", ()), 10)
    filled_in |= {each.name: 8 for each in entry.parameters if each.inferred}
    if "lr_lambda" in arguments:  # a function of the user's own
        arguments["lr_lambda"] = "package.module:name"
    build(entry, {**filled_in, **arguments})


@pytest.mark.parametrize("name", [entry.name for entry in (*LAYERS, *OTHERS)])
def test_a_page_names_every_argument_and_fits_the_screen(name: str) -> None:
    page = pages.page(name)
    entry = reference.entry_of(name)
    assert page is not None and entry is not None
    assert {each.name for each in entry.parameters} <= set(re.findall(r"\w+", page))
    assert max(map(len, page.splitlines())) <= 100


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_page_of_an_operation_names_every_argument(name: str) -> None:
    page = pages.page(name)
    assert page is not None
    assert {each.name for each in OPERATIONS[name].parameters} <= set(re.findall(r"\w+", page))
    assert max(map(len, page.splitlines())) <= 100


def test_the_page_of_lstm(nngen: Run) -> None:
    done = nngen("layers", "LSTM")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == LSTM


LSTM = """\
LSTM: Long short-term memory over a sequence.
torch.nn.LSTM

Arguments, with their defaults
  hidden_size    required  an int, at least 1. Features of the hidden state.
  num_layers     1         an int, at least 1. Layers on top of each other.
  bias           true      true or false. Add a learned bias.
  batch_first    true      true. Always true in nngen, since shapes are written without the batch.
  dropout        0.0       a number, at least 0 and at most 1. Dropout between the layers.
  bidirectional  false     true or false. Run a second network backwards and join both.
  proj_size      0         an int, at least 0. Size the hidden state is projected to; 0 for none.

A bare value is hidden_size: LSTM: ...

Follows from the input, never written
  input_size  Features of the input at each time step.

Together
  proj_size < hidden_size

Shape
  (N, time, input_size) -> output (N, time, directions * hidden_size), h_n and c_n (num_layers *
  directions, N, hidden_size); the flow goes on with output
  as: [output, h_n, c_n] names the parts

Parameters and FLOPs of a sample
  4 * hidden_size * (input + hidden_size + 2) for each layer and direction, where input is
  input_size, then directions * hidden_size; 2 FLOPs for each weight and time step

Example
  input: [28, 16]
  layers:
    - LSTM: {hidden_size: 64, num_layers: 2, dropout: 0.2}
      as: [_, h_n, _]
    - select: [0, -1]
      from: h_n
  # (N, 28, 16) -> (N, 64), 54,272 parameters, 2,981,888 FLOPs
"""


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("LSTMM", "LSTM"), ("conv2d", "Conv2d"), ("Dense", "Linear"), ("concat", "cat"), ("adamw", "AdamW")],
)
def test_a_misspelt_name_gets_the_nearest(nngen: Run, wrong: str, right: str) -> None:
    done = nngen("layers", wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"nngen: error: there is no {wrong!r}; did you mean {right!r}?\n"


def test_nonsense_is_told_where_the_names_are(nngen: Run) -> None:
    done = nngen("layers", "xyzzy")
    assert done.returncode == 2 and done.stderr == "nngen: error: there is no 'xyzzy'; nngen layers lists all\n"
