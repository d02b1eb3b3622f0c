"""The catalogue holds all of torch, says what torch says, and tells right values from wrong ones."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import ROOT, stricter
from nngen.language.catalogue.registry import Entry, Parameter, catalogue, check_together, check_value
from nngen.paths import SCHEMAS
from torch_objects import build

KINDS = ("layers", "losses", "optimizers", "schedulers")
ENTRIES: list[Entry] = [entry for kind in KINDS for entry in getattr(catalogue(), kind).values()]
PARAMETERS = [(entry, parameter) for entry in ENTRIES for parameter in entry.parameters]

# What nngen refuses and torch's constructor lets pass; torch may have checked it in other classes.
STRICTER = {name for names in stricter("Values of arguments") for name in names.split()}


@pytest.mark.parametrize(("kind", "count"), [("layers", 116), ("losses", 24), ("optimizers", 15), ("schedulers", 16)])
def test_all_of_torch_is_there(kind: str, count: int) -> None:
    assert len(getattr(catalogue(), kind)) == count


def test_it_is_in_step_with_the_installed_torch() -> None:
    pytest.importorskip("torch", reason="the catalogue is compared with the installed torch")
    command = [sys.executable, "-m", "nngen.language.catalogue.refresh", "--check"]
    done = subprocess.run(command, cwd=ROOT / "generator", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# ---------------------------------------------------------------- against torch


def sample(entry: Entry, rng: random.Random | None = None) -> dict[str, object]:
    """Arguments that are needed, or with a generator a draw over all that may be written."""
    while True:
        values = {p.name: value_for(entry, p, rng) for p in entry.parameters if needed(entry, p) or chosen(p, rng)}
        for names in entry.traits.get("one_of", ()):
            keep = rng.choice(names) if rng else names[0]
            values = {k: v for k, v in values.items() if k not in names or k == keep}
            values[keep] = 2
            if keep == "output_ratio":
                values[keep] = 0.5
        if not check_together(entry, values):
            return values


def needed(entry: Entry, parameter: Parameter) -> bool:
    return parameter.required or parameter.name in entry.traits.get("computed", ())


def chosen(parameter: Parameter, rng: random.Random | None) -> bool:
    return rng is not None and not parameter.inferred and rng.random() < 0.5


SAMPLES: dict[str, object] = {
    "betas": [0.9, 0.99], "etas": [0.5, 1.5], "step_sizes": [1e-6, 50.0], "cutoffs": [2, 3], "n_classes": 8,
    "milestones": [3], "base_lr": 0.01, "max_lr": 0.1, "dim": 1, "unflattened_size": [2, 2], "norm_type": 2.0,
    "num_classes": 4, "total_steps": 100, "custom_encoder": None, "custom_decoder": None,
}  # fmt: skip


def value_for(entry: Entry, parameter: Parameter, rng: random.Random | None) -> object:
    if parameter.name in SAMPLES:
        return SAMPLES[parameter.name]
    if parameter.inferred:
        return 8
    token = rng.choice(parameter.types) if rng else parameter.types[0]
    if token in ("module", "scheduler[]", "callable", "tensor", "true", "none"):
        drawn = {"scheduler[]": ["StepLR", "StepLR"], "module": entry.name + "Layer", "callable": "package.module:name"}
        return {"tensor": [1.0] * 4, "true": True, **drawn}.get(token)
    if token == "str":
        return rng.choice(parameter.choices) if rng else parameter.choices[0]
    if token == "float?,float":
        return [None, 0.1]
    base, _, length = token.rstrip("]").partition("[")
    number = draw(base, parameter, rng)
    return [number] * int(length or 1) if "[" in token else number


def draw(base: str, parameter: Parameter, rng: random.Random | None) -> object:
    low = parameter.minimum if parameter.minimum is not None else -1
    high = parameter.maximum if parameter.maximum is not None else max(low, 4)
    if base == "bool":
        return bool(rng and rng.random() < 0.5)
    if base.startswith("int"):
        return rng.choice([x for x in (0, 1, 2, 4) if low <= x <= high]) if rng else int(min(4, high))
    return low + (high - low) * (rng.uniform(0.1, 0.9) if rng else 0.5)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_torch_takes_every_argument_that_the_catalogue_has(entry: Entry) -> None:
    build(entry, sample(entry))
    for seed in range(20):
        values = sample(entry, random.Random(seed))
        wrong = [check_value(p, values[p.name]) for p in entry.parameters if p.name in values]
        assert not any(wrong), (values, wrong)
        build(entry, values)


def wrong_values() -> Iterator[tuple[Entry, Parameter, object]]:
    """Values outside each range and each set of choices, one after the other."""
    for entry, parameter in PARAMETERS:
        whole = any(token.startswith("int") for token in parameter.types)
        if parameter.inferred:
            continue
        if parameter.choices:
            yield entry, parameter, "no_such_choice"
        if parameter.minimum is not None:
            yield entry, parameter, parameter.minimum - (0 if parameter.exclusive_minimum else 1 if whole else 0.5)
        if parameter.maximum is not None:
            yield entry, parameter, parameter.maximum + (0 if parameter.exclusive_maximum else 1 if whole else 0.5)


def is_refused_by_torch(entry: Entry, parameter: Parameter, value: object) -> bool:
    values = {k: v for k, v in sample(entry).items() if k not in {n for g in entry.traits.get("one_of", ()) for n in g}}
    lists = [token for token in parameter.types if token in ("float[2]", "float?,float", "int[]")]
    values[parameter.name] = [value] * 2 if lists and len(parameter.types) == 1 else value
    try:
        build(entry, values)
    except Exception:
        return True
    return False


def test_what_the_catalogue_refuses_torch_refuses_too_or_the_reason_is_known() -> None:
    accepted = set()
    for entry, parameter, value in wrong_values():
        assert check_value(parameter, value), f"{entry.name}({parameter.name}={value})"
        if not is_refused_by_torch(entry, parameter, value):
            accepted.add(parameter.name)
    assert accepted == STRICTER, "docs/stricter.md says why"


def test_a_horizon_or_a_cycle_says_so_as_torch_does() -> None:
    """OneCycleLR and CyclicLR move the momentum: which optimizers have one is in their traits."""
    torch = pytest.importorskip("torch", reason="the catalogue is compared with torch")
    for entry in catalogue().optimizers.values():
        optimizer: Any = build(entry, {})
        try:
            torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=10)
        except (ValueError, KeyError):
            assert "momentum" not in entry.traits, entry.name
        else:
            assert "momentum" in entry.traits, entry.name


def test_inputs_and_outputs_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch", reason="the catalogue is compared with torch")
    x, steps = torch.rand(2, 8), torch.rand(2, 3, 8)
    given = {"LSTM": [steps], "GRU": [steps], "RNN": [steps], "LSTMCell": [x], "GRUCell": [x], "RNNCell": [x]}
    given |= {"MultiheadAttention": [steps] * 3, "Bilinear": [x, x], "CosineSimilarity": [x, x], "Linear": [x]}
    for name, inputs in given.items():
        entry = catalogue().layers[name]
        result = build(entry, sample(entry))(*inputs)  # type: ignore[operator]
        assert (entry.inputs, entry.outputs) == (len(inputs), leaves(result)), name


def leaves(result: object) -> int:
    return sum(map(leaves, result)) if isinstance(result, tuple) else 1


# ---------------------------------------------------------------- what a user of the loader sees


def parameter(name: str) -> Parameter:
    """The parameter of ``Class.argument``."""
    cls, _, argument = name.partition(".")
    return next(p for entry, p in PARAMETERS if (entry.name, p.name) == (cls, argument))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Conv2d.kernel_size", 3),
        ("Conv2d.kernel_size", [3, 5]),
        ("Conv2d.padding", "same"),
        ("Conv2d.bias", False),
        ("AdaptiveAvgPool2d.output_size", [None, 7]),
        ("MaxPool2d.stride", None),
        ("Dropout.p", 1),
        ("Dropout.p", 0.5),
        ("LSTM.batch_first", True),
        ("BatchNorm2d.momentum", None),
        ("ConstantPad2d.padding", [1, 1, -2, 0]),
        ("CrossEntropyLoss.weight", [1, 2.5]),
        ("TransformerEncoder.encoder_layer", {"TransformerEncoderLayer": {"nhead": 2}}),
        ("Adam.betas", [0.0, 0.9]),
        ("Adafactor.eps", [None, 0.001]),
        ("LambdaLR.lr_lambda", "my_package.schedules:warm_up"),
        ("MultiStepLR.milestones", [30, 60, 90, 120]),
        ("LinearCrossEntropyLoss.out_features", [4, 3]),
    ],
)
def test_values_that_fit(name: str, value: object) -> None:
    assert check_value(parameter(name), value) is None


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Conv2d.kernel_size", "three", "expected an int or a list of 2 ints, not 'three'"),
        ("Conv2d.kernel_size", [3], "expected an int or a list of 2 ints, not [3]"),
        ("Conv2d.kernel_size", [3, 3, 3], "expected an int or a list of 2 ints, not [3, 3, 3]"),
        ("Conv2d.kernel_size", True, "expected an int or a list of 2 ints, not true"),
        ("Conv2d.kernel_size", 3.0, "expected an int or a list of 2 ints, not 3.0"),
        ("Conv2d.kernel_size", None, "expected an int or a list of 2 ints, not null"),
        ("Conv2d.kernel_size", 0, "must be at least 1, not 0"),
        ("Conv2d.kernel_size", [3, 0], "must be at least 1, not 0"),
        ("Conv2d.padding", "some", "must be one of 'same', 'valid', not 'some'"),
        ("Conv2d.padding", 1.5, "expected an int, a list of 2 ints, 'same' or 'valid', not 1.5"),
        ("Conv1d.stride", [1, 1], "expected an int or a list of one int, not [1, 1]"),
        ("Conv2d.padding_mode", "mirror", "must be one of 'zeros', 'reflect', 'replicate', 'circular', not 'mirror'"),
        ("Conv2d.padding_mode", 1, "expected 'zeros', 'reflect', 'replicate' or 'circular', not 1"),
        ("Conv2d.bias", "yes", "expected true or false, not 'yes'"),
        ("Conv2d.bias", 1, "expected true or false, not 1"),
        ("Dropout.p", 1.5, "must be at least 0 and at most 1, not 1.5"),
        ("Dropout.p", float("nan"), "expected a number, not nan"),
        ("LSTM.batch_first", False, "expected true, not false"),
        ("AdaptiveAvgPool2d.output_size", None, "expected an int or a list of 2 ints or nulls, not null"),
        ("LayerNorm.eps", 0, "must be more than 0, not 0"),
        ("Adam.betas", [0.9, 1.0], "must be at least 0 and less than 1, not 1.0"),
        ("Adam.betas", 0.9, "expected a list of 2 numbers, not 0.9"),
        ("Adam.lr", {"a": 1}, "expected a number, not a mapping"),
        ("CrossEntropyLoss.weight", [], "expected a list of numbers or null, not []"),
        ("LambdaLR.lr_lambda", "lambda: 0", "expected a function as 'package.module:name', not 'lambda: 0'"),
        ("Linear.out_features", 2**64, "must fit into 64 bits, not 18446744073709551616"),
        ("Linear.out_features", "x" * 500, "expected an int, not '" + "x" * 56 + "..."),
    ],
)
def test_values_that_do_not_fit(name: str, value: object, message: str) -> None:
    assert check_value(parameter(name), value) == message


def test_a_number_too_long_to_print_is_refused_without_a_crash() -> None:
    assert check_value(parameter("Linear.out_features"), 10**5000) == "must fit into 64 bits, not a huge number"


def test_a_value_nested_without_end_is_refused_without_a_crash() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    assert check_value(parameter("CrossEntropyLoss.weight"), value)
    assert check_value(parameter("Conv2d.kernel_size"), value)


@pytest.mark.parametrize(
    ("name", "values", "problem"),
    [
        ("Conv2d", {"out_channels": 6, "groups": 4}, ("out_channels", "must be divisible by groups (4), not 6")),
        ("Conv2d", {"stride": [1, 2], "padding": "same"}, ("stride", "must be 1 when padding is 'same', not [1, 2]")),
        ("LSTM", {"hidden_size": 8, "proj_size": 8}, ("proj_size", "must be less than hidden_size (8), not 8")),
        ("Upsample", {}, ("", "give exactly one of 'size', 'scale_factor'")),
        ("Upsample", {"size": 4, "scale_factor": 2}, ("scale_factor", "give exactly one of 'size', 'scale_factor'")),
        (
            "Embedding",
            {"num_embeddings": 5, "padding_idx": 5},
            ("padding_idx", "must be an index into num_embeddings (5), not 5"),
        ),
        ("SGD", {"nesterov": True}, ("momentum", "must be more than 0 when nesterov is true, not 0")),
        ("Adam", {"fused": True, "foreach": True}, ("foreach", "cannot be true when fused is true")),
        ("Rprop", {"etas": [1.5, 1.2]}, ("etas", "must be less than 1, not 1.5")),
        ("OneCycleLR", {"epochs": 3}, ("epochs", "needs 'steps_per_epoch' too")),
        ("OneCycleLR", {"total_steps": 3, "epochs": 3}, ("epochs", "cannot be given together with 'total_steps'")),
        ("MultiStepLR", {"milestones": [3, 2]}, ("milestones", "must increase from element to element, not [3, 2]")),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_together(name: str, values: dict[str, object], problem: tuple[str, str]) -> None:
    entry = next(entry for entry in ENTRIES if entry.name == name)
    assert problem in check_together(entry, values)


def test_values_that_are_not_known_yet_are_no_problem() -> None:
    entry = catalogue().layers["Conv2d"]
    assert check_together(entry, {"out_channels": "$width", "groups": "$groups"}) == []


@pytest.mark.parametrize(
    ("name", "main"),
    [
        ("Linear", "out_features"), ("Conv2d", "out_channels"), ("MaxPool2d", "kernel_size"), ("Dropout", "p"),
        ("Embedding", "embedding_dim"), ("LSTM", "hidden_size"), ("GroupNorm", "num_groups"), ("GELU", "approximate"),
        ("LeakyReLU", "negative_slope"), ("MultiheadAttention", "num_heads"), ("Flatten", "start_dim"),
        ("BatchNorm2d", None), ("LayerNorm", None), ("Upsample", None), ("ReLU", None), ("CrossEntropyLoss", None),
        ("Adam", "lr"), ("StepLR", "step_size"), ("CosineAnnealingLR", "T_max"), ("OneCycleLR", "max_lr"),
    ],
)  # fmt: skip
def test_the_argument_that_a_bare_value_stands_for(name: str, main: str | None) -> None:
    assert next(entry for entry in ENTRIES if entry.name == name).main == main


def test_defaults_fit_their_own_arguments() -> None:
    for entry, found in PARAMETERS:
        if not found.required and found.default is not None:
            assert check_value(found, found.default) is None, f"{entry.name}.{found.name}"


def test_every_class_and_argument_is_explained_in_one_line() -> None:
    everything: list[Entry | Parameter] = [*ENTRIES, *(found for _, found in PARAMETERS)]
    for what in everything:
        assert what.doc.endswith(".") and "\n" not in what.doc and len(what.doc) < 110, what


def test_sizes_that_follow_from_the_input_are_not_written() -> None:
    inferred = {f"{entry.name}.{found.name}" for entry, found in PARAMETERS if found.inferred}
    assert {"Conv2d.in_channels", "Linear.in_features", "LSTM.input_size", "BatchNorm2d.num_features"} <= inferred
    assert "Linear.out_features" not in inferred


def test_the_file_is_small_and_has_one_class_a_line() -> None:
    text = (SCHEMAS / "catalogue.json").read_text(encoding="utf-8")
    assert len(text) < 150_000
    assert sum(name in text for name in (f'\n"{entry.name}": {{' for entry in ENTRIES)) == len(ENTRIES)
    assert json.loads(text)


def test_reading_it_imports_no_torch() -> None:
    code = (
        "import sys, nngen.language.suggest; from nngen.language.catalogue.registry import catalogue; "
        "catalogue(); print('torch' in sys.modules)"
    )
    package = ROOT / "generator"
    done = subprocess.run([sys.executable, "-c", code], cwd=package, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
