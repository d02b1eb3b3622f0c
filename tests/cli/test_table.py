"""``nngen check``: the table fits 100 columns whatever the network, and programs get the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Run
from networks import EXAMPLES, emit, example
from nngen.cli import table
from nngen.cli.table import shortened

KINDS = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_of_every_example_fits(kind: str) -> None:
    network = example(kind).network
    lines = table.table(network).splitlines()
    assert max(map(len, lines)) <= 100
    assert sum(line.startswith("---") for line in lines) >= 2
    assert f"{network.parameters:,}" in lines[-1] or "FLOPs in total" in "\n".join(lines)


WIDE = """\
name: wide
args: {a_very_long_name_of_an_argument_that_is_a_width: 536870912}
input: [3, height, width_of_the_image_in_pixels, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
layers:
  - Identity:
    name: a_name_that_is_as_long_as_only_a_patient_person_writes_it
  - flatten: 1
    as: every_element_of_the_picture_one_behind_the_other
  - Unflatten: {dim: 1, unflattened_size: [3, 4, 5, 6, 7, 8, 9, 10, 11, -1]}
  - mean: [2, 3, 4, 5, 6, 7, 8, 9, 10]
  - Linear: $a_very_long_name_of_an_argument_that_is_a_width
  - Linear: $a_very_long_name_of_an_argument_that_is_a_width
"""


def test_long_names_large_numbers_and_shapes_of_many_dimensions_fit_too() -> None:
    lines = table.table(emit(WIDE).network).splitlines()
    assert max(map(len, lines)) <= 100
    assert any("288,230,376,688,582,656" in line or "2.8823e+17" in line for line in lines)


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("Conv2d(3, 64, kernel_size=7, stride=2)", 40, "Conv2d(3, 64, kernel_size=7, stride=2)"),
        ("Conv2d(3, 64, kernel_size=7, stride=2)", 37, "Conv2d(3, 64, kernel_size=7, ...)"),
        ("Conv2d(3, 64, kernel_size=(7, 7)) x 12", 30, "Conv2d(3, 64, ...) x 12"),
        ("TransformerEncoder(nn.TransformerEncoderLayer(64, 4), 2)", 44, "TransformerEncoder(...)"),
        ("(N, 64, 112, 112)", 13, "(N, 64, ...)"),
        ("288,230,376,688,582,656", 16, "2.8823e+17"),
        ("scaled_dot_product_attention", 20, "scaled_dot_produc..."),
        ("AnEndlesslyLongName(1, 2)", 10, "AnEndle..."),
    ],
)
def test_what_is_too_long_loses_whole_parts(text: str, width: int, short: str) -> None:
    assert shortened(text, width) == short


def test_json_has_every_layer_with_its_shape_and_counts(nngen: Run, my_cnn: Path) -> None:
    done = nngen("check", "--json", my_cnn)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["name"], said["parameters"], said["flops"]) == ("my_cnn", 53_002, 694_784)
    assert (said["errors"], said["warnings"]) == ([], [])
    (model,) = said["models"]
    assert model["inputs"] == [{"name": "input", "shape": ["N", 1, 8, 8], "dtype": "float32"}]
    first = model["layers"][0]
    assert (first["name"], first["kind"], first["parameters"], first["flops"]) == ("conv1", "Conv2d", 320, 36_864)
    assert first["outputs"] == [{"shape": ["N", 32, 8, 8], "dtype": "float32"}]
    assert (first["line"], first["column"]) == (6, 5)
    assert sum(layer["parameters"] for layer in model["layers"]) == said["parameters"]
    assert [layer["name"] for layer in model["layers"]][-1] == "fc2"


def test_json_of_a_mistake_has_its_place(nngen: Run, my_cnn: Path) -> None:
    my_cnn.write_text(my_cnn.read_text().replace("kernel_size: 3, padding: 1}", "kernal_size: 3}", 1))
    done = nngen("check", "--json", my_cnn)
    assert (done.returncode, done.stderr) == (2, "")
    said = json.loads(done.stdout)
    assert said == {
        "errors": [
            {
                "message": "Conv2d has no argument 'kernal_size'",
                "hint": "did you mean 'kernel_size'?",
                "line": 6,
                "column": 32,
                "end_column": 43,
                "notes": [],
            }
        ],
        "warnings": [],
    }


def test_json_of_a_file_that_is_not_there(nngen: Run, tmp_path: Path) -> None:
    done = nngen("check", "--json", tmp_path / "missing.yaml")
    assert done.returncode == 2
    assert json.loads(done.stdout)["errors"][0]["message"] == "there is no such file"


def test_json_has_warnings_too(nngen: Run, my_cnn: Path) -> None:
    my_cnn.write_text(my_cnn.read_text().replace("  - Linear: 10\n", "  - Linear: 10\n  - Softmax: 1\n"))
    said = json.loads(nngen("check", "--json", my_cnn).stdout)
    assert [each["line"] for each in said["warnings"]] == [16]
