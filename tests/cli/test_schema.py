"""The JSON Schema: in step with the checker, strict, and right about every description that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conftest import ROOT, Run
from nngen.cli import schema
from nngen.cli.reference import example, operation_example, structure_example
from nngen.cli.schema.whole import build, text
from nngen.language import load
from nngen.language.catalogue.registry import catalogue
from nngen.language.errors import DescriptionError
from nngen.network.operations import OPERATIONS
from nngen.paths import SCHEMA_NAME
from nngen.validate.items import STRUCTURES
from nngen.validate.top_level import KEYS

SCHEMA = build()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
HEAD = "name: my_net\ntask: classification\ndata: synthetic\n"

DESCRIPTIONS = sorted(
    path
    for pattern in ("golden/*/architecture.yaml", "generator/nngen/examples/*.yaml", "tests/design/*.yaml")
    for path in ROOT.glob(pattern)
)

# Wrong descriptions that the schema accepts, and why it has to.
UNSEEN = {
    "shapes and counts": """
        attention_heads cannot_train does_not_fit_rank does_not_fit_size graph_branches_do_not_merge
        graph_error_inside_block graph_if_at_run_time groups large_size loops_that_multiply needs_two_inputs
        softmax_dim too_many_parts upsample_too_large
        half_precision_flows if_false_does_not_fit loops_that_grow no_size_fits packed_sequences_in_order
        repeat_over_nothing""",
    "the network against its loss, its data and its task": """
        csv_text_few_words csv_text_of_numbers
        segmentation_channels segmentation_classes segmentation_size
        autoencoder_flat autoencoder_shapes vae_latent vae_no_moments vae_one_network
        csv_categories csv_inputs csv_target input_does_not_match_data input_dtype input_varies loss_averaged
        loss_binary_for_ten_classes loss_classes loss_ctc_from loss_dimensions loss_features loss_ranges
        loss_shapes loss_variance loss_needs_log_softmax loss_needs_sigmoid loss_rank loss_targets metrics_of_labels
        regression_target_size several_inputs several_outputs supervised_classes supervised_kind supervised_no_target
        task_and_data gan_one_network gan_sample gan_sigmoid
        forecasting_columns forecasting_horizon forecasting_sizes forecasting_task
        tags_of_numbers tagging_data tagging_ignored tagging_inputs tagging_last_state tagging_log_softmax
        tagging_numbers tagging_one_tag tagging_shorter tagging_transposed tagging_vocabulary tagging_which_steps
        text_input text_long_window text_one_score text_scores text_vocabulary""",
    "names that the description itself declares": """
        args_unknown_name args_unused graph_block_arguments graph_block_contains_itself graph_block_inputs graph_cycle
        graph_names_twice graph_tie_and_init graph_unknown_tensor graph_unused_tensor graph_use graph_use_before
        models_names""",
    "how the uses of one class fit together": "graph_loop_cannot_be_written graph_uses_disagree",
    "what an expression says": """
        expression_fraction expression_large expression_long expression_syntax expression_zero
        scheduler_expression scheduler_expression_both scheduler_expression_code scheduler_expression_negative
        scheduler_expression_zero scheduler_function_taken scheduler_function_word
        graph_expression_in_block""",
    "keys that have no meaning beside some layers": """
        graph_keys_without_meaning graph_repeated_group graph_tuple_for_a_block if_on_a_buffer if_without_input
        repeat_names_too_many""",
    "one argument against the value of another": """
        init_of_an_argument init_values movedim_number_and_list
        forecasting_long_window forecasting_period forecasting_target
        optimizer_nesterov optimizer_together scheduler_milestones scheduler_without_momentum""",
    "what optimizer, scheduler, training and network need of each other": """
        optimizer_capturable optimizer_groups_shadowed optimizer_lbfgs optimizer_lbfgs_momentum optimizer_muon
        optimizer_no_decay optimizer_no_decay_at_all optimizer_rest optimizer_rest_takes_some optimizer_sparse
        optimizer_sparse_decay optimizer_sparse_gradients
        scheduler_rates_of_groups scheduler_step scheduler_swa scheduler_swa_two scheduler_warmup_cyclic
        scheduler_warmup_factor scheduler_warmup_plateau""",
    "functions in expressions, and optimizers that do not learn": """expression_mathematics gan_optimizers_of_models
        optimizer_lr_zero scheduler_expression_function scheduler_expression_root""",
    "names that differ from one Python to the next, or only when written as a class": "name_of_a_class name_stdlib",
}


def wrong(value: Any) -> list[str]:
    return [f"{'.'.join(map(str, each.absolute_path))}: {each.message}" for each in VALIDATOR.iter_errors(value)]


def read(content: str) -> Any:
    return load.plain(load.parse(content))


def test_the_file_is_in_step_with_the_checker() -> None:
    assert schema.path().read_text(encoding="utf-8") == text(), "run make schema, and read the diff"


def test_it_is_a_schema_of_draft_7() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


# ---------------------------------------------------------------- right descriptions


@pytest.mark.parametrize("path", DESCRIPTIONS, ids=lambda path: "/".join(path.parts[-2:]))
def test_it_accepts_every_golden_example_and_description_of_the_design(path: Path) -> None:
    assert wrong(read(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", [*catalogue().layers, *OPERATIONS, *STRUCTURES])
def test_it_accepts_the_example_of_everything_that_a_list_of_layers_holds(name: str) -> None:
    if name in STRUCTURES:
        fragment = structure_example(name)
    else:
        fragment = operation_example(name) if name in OPERATIONS else example(catalogue().layers[name])
    assert wrong(read(HEAD + fragment.text())) == []


# ---------------------------------------------------------------- wrong descriptions


def test_it_rejects_every_wrong_description_that_a_schema_can_reject() -> None:
    accepted = {path.stem for path in sorted((ROOT / "tests/errors").glob("*.yaml")) if is_accepted(path)}
    assert accepted == {name for names in UNSEEN.values() for name in names.split()}


def is_accepted(path: Path) -> bool:
    try:
        return not wrong(read(path.read_text(encoding="utf-8")))
    except (DescriptionError, UnicodeDecodeError):
        return False  # no YAML, or YAML that an editor marks itself


@pytest.mark.parametrize(
    "layer",
    [
        "Conv2d: {out_channels: 8, kernal_size: 3}",
        "Conv2d: {out_channels: 8, kernel_size: [3, 3, 3]}",
        "Conv2d: {out_channels: 8, kernel_size: 3, in_channels: 1}",
        "Conv2d: {out_channels: 8}",
        "Conv2d: 8",
        "Conv2d",
        "Conv2dd: {out_channels: 8, kernel_size: 3}",
        "Conv2dd",
        "Dropout: 1.5",
        "GELU: exact",
        "Linear: big",
        "Upsample: {size: 4, scale_factor: 2}",
        "Upsample",
        "BatchNorm2d: 8",
        "LSTM: {hidden_size: 8, batch_first: false}",
        "TransformerEncoder: {encoder_layer: {TransformerEncoderLayer: {nhed: 2}}, num_layers: 2}",
        "softmax",
        "transpose: [1, 2, 3]",
        "permute: {dimensions: [0, 2, 1]}",
        "{Linear: 3, ReLU: }",
        "{name: alone}",
        "{Linear: 3, naem: fc}",
        "{Linear: 3, name: half}",
        "{Linear: 3, repeat: -1}",
        "{Linear: 3, merge: add}",
        "branches: {}",
        "use: 3",
        "parameter: {init: zeros}",
        "parameter: {shape: [1, 8], init: zero}",
        "{import: my_package.layers}",
        "{import: 'my_package.layers:Attention'}",
    ],
)
def test_a_wrong_layer_is_rejected(layer: str) -> None:
    head, right = (
        f"{HEAD}input: [1, 8, 8]\n",
        "[{Conv2d: {out_channels: 8, kernel_size: 3}}, ReLU, relu, {residual: [GELU]}]",
    )
    assert wrong(read(f"{head}layers: {right}\n")) == []
    item = layer if layer.startswith("{") or ":" not in layer else f"{{{layer}}}"
    assert wrong(read(f"{head}layers: [ReLU, {item}]\n"))
    assert wrong(read(f"{head}layers: [{{residual: [{item}]}}]\n"))


@pytest.mark.parametrize(
    "rest",
    [
        "optimizer: {Adam: {learning_rate: 0.1}}",
        "optimizer: Adamm",
        "optimizer: {Adam: {}, SGD: {}}",
        "scheduler: StepLR",
        "loss: MSELoss",
        "training: {epoch: 3}",
        "training: {epochs: 0}",
        "trainin: {epochs: 3}",
        "data: {csv: {path: x.csv}}",
        "data: {digits: {tset: 0.1}}",
        "init: {Linear: {weight: normall}}",
        "tie: {head.weight: 3}",
    ],
)
def test_a_wrong_rest_is_rejected(rest: str) -> None:
    key = rest.partition(":")[0]
    kept = [line for line in HEAD.splitlines() if not line.startswith(f"{key}:")]
    assert wrong(read("\n".join([*kept, "input: [4]", "layers: [Linear: 3]", rest])))


def test_block_names_are_known_only_where_there_are_blocks() -> None:
    block = "blocks: {Mlp: {layers: [{Linear: 8}]}}\n"
    assert wrong(read(f"{HEAD}{block}input: [4]\nlayers: [Mlp, {{Mlp: }}, {{residual: [Mlp]}}]\n")) == []
    assert wrong(read(f"{HEAD}input: [4]\nlayers: [Mlp]\n"))


def test_no_mapping_of_the_schema_takes_keys_that_it_does_not_name() -> None:
    for where, each in objects(SCHEMA, "schema"):
        closed = each.get("additionalProperties", True) is not True or "maxProperties" in each
        assert closed, where


def objects(value: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The schemas of mappings, those aside that only add to another."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from objects(each, f"{where}.{index}")
    elif isinstance(value, dict):
        if value.get("type") == "object":
            yield where, value
        for key, each in value.items():
            yield from objects(each, f"{where}.{key}")


def test_every_key_layer_and_argument_is_explained_in_one_line() -> None:
    assert all(SCHEMA["properties"][key]["description"] for key, is_read in KEYS.items() if is_read)
    for name, entry in catalogue().layers.items():
        definition = SCHEMA["definitions"][name]
        assert definition["description"].startswith(entry.doc)
        arguments = (
            next(each for each in definition["anyOf"] if each.get("type") == "object")
            if "anyOf" in definition
            else definition
        )
        assert all(each["description"].rstrip().endswith(".") for each in arguments["properties"].values())


# ---------------------------------------------------------------- the commands


def test_nngen_schema_prints_it_says_where_it_is_and_writes_it(nngen: Run, tmp_path: Path) -> None:
    assert nngen("schema").stdout == text()
    assert Path(nngen("schema", "--path").stdout.strip()).read_text(encoding="utf-8") == text()
    done = nngen("schema", tmp_path / "here.json")
    assert done.returncode == 0 and "# yaml-language-server: $schema=here.json" in done.stdout
    assert (tmp_path / "here.json").read_text(encoding="utf-8") == text()
    assert nngen("schema", tmp_path / "here.json").returncode == 0  # again, as after an update of nngen
    assert nngen("schema", tmp_path / "no" / "folder.json").returncode == 1


def test_nngen_schema_overwrites_nothing_else(nngen: Run, my_cnn: Path) -> None:
    before = my_cnn.read_bytes()
    done = nngen("schema", my_cnn)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"nngen: error: {my_cnn} is there already, and it is no JSON Schema\n"
    assert my_cnn.read_bytes() == before


def test_init_writes_the_line_and_the_schema_that_it_names(nngen: Run, tmp_path: Path) -> None:
    assert nngen("init", "cnn").returncode == 0
    first = (tmp_path / "cnn.yaml").read_text().splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(.*)", first)
    assert named and (tmp_path / named[1]).read_text(encoding="utf-8") == text()


def test_new_keeps_the_line_and_says_how_to_get_the_schema(nngen: Run, tmp_path: Path) -> None:
    assert nngen("init", "mlp").returncode == 0
    done = nngen("new", "mlp.yaml")
    assert done.returncode == 0, done.stderr
    assert f"nngen schema {SCHEMA_NAME}" in done.stdout
    (project,) = (path for path in tmp_path.iterdir() if path.is_dir() and (path / "architecture.yaml").exists())
    assert (project / "architecture.yaml").read_bytes() == (tmp_path / "mlp.yaml").read_bytes()
