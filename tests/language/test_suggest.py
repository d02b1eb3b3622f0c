"""A misspelled name gets the right one as a hint, and nonsense gets none."""

import random
import string

import pytest

from nngen.language.catalogue.registry import catalogue
from nngen.language.errors import DescriptionError
from nngen.language.load import Mapping, Scalar
from nngen.language.problems import Problems
from nngen.language.suggest import suggest
from nngen.validate.arguments import bind

LAYERS = list(catalogue().layers)


def misspell(word: str, rng: random.Random) -> str:
    """One slip of a finger: a letter dropped, inserted, replaced, swapped, or of the other case."""
    at = rng.randrange(len(word))
    letter = rng.choice(string.ascii_lowercase + string.digits + "_")
    match rng.choice(["drop", "insert", "replace", "transpose", "case"]):
        case "drop":
            return word[:at] + word[at + 1 :]
        case "insert":
            return word[:at] + letter + word[at:]
        case "replace":
            return word[:at] + letter + word[at + 1 :]
        case "transpose":
            return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
        case _:
            return word[:at] + word[at].swapcase() + word[at + 1 :]


def misspellings(names: list[str], among: list[str], rng: random.Random, count: int) -> list[tuple[str, str]]:
    drawn: list[tuple[str, str]] = []
    while len(drawn) < count:
        name = rng.choice(names)
        wrong = misspell(name, rng)
        if wrong and wrong not in among:  # another right name is no misspelling
            drawn.append((wrong, name))
    return drawn


def test_arguments_of_layers_are_found_in_95_of_100_misspellings() -> None:
    rng = random.Random(20)
    found = total = 0
    for entry in catalogue().layers.values():
        names = [parameter.name for parameter in entry.parameters if not parameter.inferred]
        for wrong, right in misspellings(names, names, rng, 4 * len(names)):
            found += suggest(wrong, names) == right
            total += 1
    assert total > 1000
    assert found / total >= 0.95


@pytest.mark.parametrize("kind", ["layers", "losses", "optimizers", "schedulers"])
def test_the_error_for_a_wrong_argument_names_the_right_one(kind: str) -> None:
    """The whole way, as a user sees it: the hint of the error, in at least 95 of 100 drawn misspellings."""
    rng = random.Random(22)
    told = total = 0
    for entry in getattr(catalogue(), kind).values():
        names = [parameter.name for parameter in entry.parameters if not parameter.inferred]
        known = [parameter.name for parameter in entry.parameters]
        for wrong, right in misspellings(names, known, rng, 4 * len(names)):
            problems = Problems()
            bind(entry, Scalar(entry.name), Mapping(((Scalar(wrong), Scalar(1)),)), problems)
            with pytest.raises(DescriptionError) as caught:
                problems.raise_errors()
            told += any(each.hint == f"did you mean {right!r}?" for each in caught.value.problems)
            total += 1
    assert total > 150
    assert told / total >= 0.95


def test_layers_are_found_in_95_of_100_misspellings() -> None:
    rng = random.Random(21)
    drawn = misspellings(LAYERS, LAYERS, rng, 1500)
    found = sum(suggest(wrong, LAYERS) == right for wrong, right in drawn)
    assert found / len(drawn) >= 0.95


@pytest.mark.parametrize(
    ("word", "right"),
    [
        ("conv2d", "Conv2d"),
        ("batchnorm2d", "BatchNorm2d"),
        ("BatchNorm_2d", "BatchNorm2d"),
        ("Batchnorm", "BatchNorm2d"),
        ("Convd", "Conv2d"),
        ("MultiHeadAttention", "MultiheadAttention"),
        ("relu", "ReLU"),
        ("LeakyRelu", "LeakyReLU"),
        ("Dense", "Linear"),
        ("Swish", "SiLU"),
        ("MaxPooling2D", "MaxPool2d"),
        ("Conv2DTranspose", "ConvTranspose2d"),
        ("GlobalAveragePooling2D", "AdaptiveAvgPool2d"),
        ("Lineer", "Linear"),
    ],
)
def test_the_layer_that_was_meant(word: str, right: str) -> None:
    assert suggest(word, LAYERS) == right


@pytest.mark.parametrize(
    ("word", "layer", "right"),
    [
        ("kernal_size", "Conv2d", "kernel_size"),
        ("kernelsize", "Conv2d", "kernel_size"),
        ("kernel", "Conv2d", "kernel_size"),
        ("filters", "Conv2d", "out_channels"),
        ("strides", "Conv2d", "stride"),
        ("use_bias", "Conv2d", "bias"),
        ("units", "Linear", "out_features"),
        ("hidden_dim", "LSTM", "hidden_size"),
        ("rate", "Dropout", "p"),
        ("pool_size", "MaxPool2d", "kernel_size"),
        ("epsilon", "LayerNorm", "eps"),
    ],
)
def test_the_argument_that_was_meant(word: str, layer: str, right: str) -> None:
    assert suggest(word, [parameter.name for parameter in catalogue().layers[layer].parameters]) == right


def test_names_of_optimizers_and_their_arguments() -> None:
    optimizers = catalogue().optimizers
    assert suggest("adam", optimizers) == "Adam"
    assert suggest("AdmaW", optimizers) == "AdamW"
    assert suggest("learning_rate", [parameter.name for parameter in optimizers["Adam"].parameters]) == "lr"


@pytest.mark.parametrize("word", ["", "xyzzy", "quux", "banana", "__", "x", "?!", "\N{SNOWMAN}" * 5, "a" * 100_000])
def test_nonsense_gets_no_hint(word: str) -> None:
    assert suggest(word, LAYERS) is None
    assert suggest(word, ["out_channels", "kernel_size", "stride", "padding"]) is None
