"""What the description of the training becomes in code."""

from __future__ import annotations

import ast

import black
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nngen import pipeline
from nngen.language.python import literal
from nngen.plan.imports import import_lines
from nngen.plan.training.recipe import Recipe

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=6) | st.lists(inner, max_size=6).map(tuple),
    max_leaves=12,
)


@given(plain)
def test_a_literal_is_the_value(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value


@given(st.text() | st.text("'\"\\ab", max_size=8))
def test_strings_are_quoted_as_black_does(text: str) -> None:
    code = f"x = {literal(text)}\n"
    # a first line of nothing but a string would be a docstring
    assert black.format_str(code, mode=black.Mode(line_length=100_000)) == code


@pytest.mark.parametrize("value", [object(), {"a": 1}, b"bytes", ["x", len]])
def test_only_plain_values_become_code(value: object) -> None:
    with pytest.raises(TypeError):
        literal(value)


def recipe(rest: str = "", *, outputs: int = 3, task: str = "classification") -> Recipe:
    """The recipe of a small network with these settings."""
    text = f"name: my_net\ntask: {task}\ninput: [8]\nlayers: [Linear: {outputs}]\ndata: synthetic\n{rest}\n"
    return pipeline.plan(pipeline.read(text)).recipe


def names(made: Recipe) -> list[str]:
    return [setting.name for setting in made.training.config]


def test_settings_that_were_not_asked_for_are_not_there() -> None:
    assert names(recipe()) == ["epochs", "batch_size", "lr", "seed"]


def test_settings_that_were_asked_for_become_flags() -> None:
    asked = "{clip_grad_norm: 1, accumulate: 4, ema: 0.99, early_stopping: 5, compile: true}"
    assert names(recipe(f"training: {asked}")) == [
        "epochs",
        "batch_size",
        "lr",
        "clip_grad_norm",
        "accumulate",
        "ema",
        "patience",
        "compile",
        "seed",
    ]


def test_the_learning_rate_is_torchs_own_where_none_is_given() -> None:
    made = recipe("optimizer: RMSprop")
    assert made.training.config[2].lines == ("# learning rate", "lr: float = 0.01")
    assert made.training.optimization.arguments == ("lr=config.lr",)


def test_a_whole_learning_rate_is_printed_as_a_float() -> None:
    """``--lr 0.5`` would be refused if the default were an int."""
    made = recipe("optimizer: {SGD: {lr: 1, weight_decay: 0}}")
    assert [setting.lines[-1].split("  #")[0] for setting in made.training.config[2:4]] == [
        "lr: float = 1.0",
        "weight_decay: float = 0.0",
    ]


@pytest.mark.parametrize(
    ("arguments", "fused"),
    [("{}", True), ("{nesterov: true, momentum: 0.9}", True), ("{foreach: true}", False), ("{fused: false}", False)],
)
def test_optimizers_are_fused_unless_told_otherwise(arguments: str, fused: bool) -> None:
    assert ("fused=True" in recipe(f"optimizer: {{SGD: {arguments}}}").training.optimization.arguments) == fused


def test_one_output_is_a_binary_target_and_several_are_labels() -> None:
    assert recipe("loss: BCEWithLogitsLoss", outputs=1).core.target == "binary"
    assert recipe("loss: BCEWithLogitsLoss", outputs=4).core.target == "multilabel"


def test_classes_are_those_of_a_loss_that_has_its_own() -> None:
    adaptive = "loss: {AdaptiveLogSoftmaxWithLoss: {n_classes: 30, cutoffs: [10], div_value: 2.0}}"
    assert recipe(adaptive, outputs=8, task="supervised").core.classes == 30


def test_weights_of_classes_are_tensors() -> None:
    made = recipe("loss: {CrossEntropyLoss: {weight: [1, 2, 3.0], label_smoothing: 0.1}}")
    assert made.core.loss_code.arguments == ("weight=torch.tensor([1.0, 2.0, 3.0])", "label_smoothing=0.1")
    assert made.core.loss_code.has_tensors


def test_losses_that_are_summed_have_names_and_factors() -> None:
    made = recipe("loss: [MSELoss, {MSELoss: , scale: 0.5}, {L1Loss: , scale: 2}]", task="supervised")
    assert [part.name for part in made.core.loss_code.parts] == ["mse", "mse2", "l1"]
    assert made.core.loss_code.takes == ("output", "y")
    assert made.core.loss_code.summands == (
        "self.mse(output, y)",
        "0.5 * self.mse2(output, y)",
        "2 * self.l1(output, y)",
    )


def test_one_plain_loss_is_torchs_own() -> None:
    made = recipe("loss: MSELoss", task="supervised")
    assert made.core.loss_code.class_name == "MSELoss" and not made.core.loss_code.parts
    assert made.core.loss_of("model(batch.x)") == "loss_function(model(batch.x), batch.y)"


def test_the_first_metric_that_is_asked_for_picks_the_best_epoch() -> None:
    assert (recipe().evaluation.metric, recipe().evaluation.better) == ("accuracy", ">=")
    made = recipe("metrics: [confusion, f1, accuracy]\ntraining: {early_stopping: 3}")
    assert (made.evaluation.metric, made.evaluation.better) == ("f1", ">")
    made = recipe("metrics: [rmse]", task="regression")
    assert (made.evaluation.metric, made.evaluation.better) == ("rmse", "<=")


def test_imports_are_what_a_module_reads_and_does_not_define() -> None:
    code = """
def load(np: int, json: str) -> Tensor:
    return torch.zeros(np) + math.prod(Split._fields)


class Split(NamedTuple):
    data: "Path"


def evaluate(split: Split) -> float:
    tqdm = load(1, "")
    return tqdm
"""
    assert import_lines(code, "evaluate", {"MyNet": "model"}) == (
        "import math\nfrom typing import NamedTuple\n\nimport torch\nfrom torch import Tensor"
    )
    assert import_lines("MyNet(), load_data(), CLASSES", "train", {"MyNet": "model"}) == (
        "from .data import CLASSES, load_data\nfrom .model import MyNet"
    )


def test_the_authors_own_modules_are_imported_with_those_of_the_project() -> None:
    others = {"Optimizer": "torch.optim", "ramp": "my_net.rates", "decay": "house_style"}
    assert import_lines("Optimizer, ramp, decay", "optimizer", {}, others, "my_net") == (
        "from house_style import decay\nfrom torch.optim import Optimizer\n\nfrom my_net.rates import ramp"
    )


def test_an_option_adds_its_lines_to_every_place_and_only_when_it_is_asked_for() -> None:
    plain, stopping = recipe().training, recipe("training: {early_stopping: 3}").training
    assert "best_epoch = 0" not in plain.state.begun and "best_epoch = 0" in stopping.state.begun
    assert (
        '"best_epoch": best_epoch' not in plain.state.entries and '"best_epoch": best_epoch' in stopping.state.entries
    )
    assert not plain.additions.epoch_begun
    (stop,) = stopping.additions.epoch_begun
    assert not isinstance(stop, str)
    assert next(iter(stop.lines())) == "if epoch > best_epoch + config.patience:"
