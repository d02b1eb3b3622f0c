"""Several networks in one description: one class each, and a last class that holds them."""

from __future__ import annotations

import pytest

from conftest import ROOT
from networks import emit
from nngen.cli import table
from nngen.language.errors import DescriptionError

torch = pytest.importorskip("torch")

DESIGN = ROOT / "tests/design"

AUTOENCODER = """\
name: my_autoencoder
args: {dim: 6, hidden: 2 * $dim, std: 0.1}
models:
  TextEncoder:
    input: {shape: [time], dtype: int64, high: 11}
    layers:
      - Embedding: {embedding_dim: $dim}
        name: embed
      - Linear: $hidden
  Decoder:
    input: [time, $hidden]
    args: {words: 11}
    layers:
      - Linear: $dim
      - Linear: {out_features: $words, bias: false}
        name: head
tie: {decoder.head.weight: text_encoder.embed.weight}
init:
  Linear: {weight: {normal: {std: $std / $hidden}}}
  decoder.fc.bias: ones
"""


def design(name: str) -> str:
    return (DESIGN / f"{name}.yaml").read_text(encoding="utf-8")


def test_a_variational_autoencoder_is_an_encoder_a_decoder_and_both() -> None:
    emitted = emit(design("vae"), "vae")
    model = emitted.build(latent_dim=3)
    x, mu, logvar = model(torch.rand(2, 1, 28, 28))
    assert (x.shape, mu.shape, logvar.shape) == ((2, 1, 28, 28), (2, 3), (2, 3))
    assert not torch.equal(model(x)[0], model(x)[0]), "the point in between is random"
    # 784 -> 400 -> 2 * 20, 20 -> 400 -> 784, as in pytorch/examples
    assert sum(each.numel() for each in emitted.build().parameters()) == emitted.network.parameters == 652_824


def test_a_gan_gives_what_its_generator_gives() -> None:
    emitted = emit(design("wgan_gp"), "gan")
    model = emitted.build(latent_dim=5, width=4).eval()
    latent = torch.randn(2, 5)
    torch.testing.assert_close(model(latent), model.generator(latent), rtol=0, atol=0)
    assert model.discriminator(model(latent)).shape == (2, 1)
    assert model.generator.fc.in_features == 5 and model.discriminator.blocks[0].out_channels == 4
    assert sum(each.numel() for each in emitted.build().parameters()) == emitted.network.parameters


def test_the_generator_may_be_the_second_model() -> None:
    layers = {"Discriminator": "[4], layers: [Linear: 1]", "Generator": "[3], layers: [Linear: 4]"}
    models = "".join(f"  {name}: {{input: {each}}}\n" for name, each in layers.items())
    model = emit(f"name: net\nmodels:\n{models}", "gan").build()
    assert model(torch.zeros(2, 3)).shape == (2, 4)


def test_ties_and_initialisation_reach_across_models() -> None:
    emitted = emit(AUTOENCODER)
    model = emitted.build(dim=40)
    assert model.decoder.head.weight is model.text_encoder.embed.weight
    assert model(torch.randint(11, (2, 7))).shape == (2, 7, 11)
    assert model.text_encoder.fc.weight.std().item() == pytest.approx(0.1 / 80, rel=0.1)
    assert model.decoder.fc.bias.eq(1).all() and not model.text_encoder.fc.bias.eq(1).any()
    assert sum(each.numel() for each in emitted.build().parameters()) == emitted.network.parameters
    assert "by way of (N, time, 12).\n\n    N is the batch size; time varies." in emitted.source


def test_the_whole_takes_the_arguments_that_all_models_see() -> None:
    source = emit(AUTOENCODER).source
    assert "def __init__(self, dim: int = 6, std: float = 0.1) -> None:" in source
    assert "self.decoder = Decoder(dim=dim)" in source  # its own argument keeps its default
    assert source.count("hidden = 2 * dim") == 3  # where it is used, and nowhere handed on


def test_models_with_several_tensors_in_between() -> None:
    text = """\
name: net
models:
  Encoder:
    input: [3]
    layers:
      - branches: {state: [Linear: 4], gate: [Linear: 5]}
    outputs: [state, gate]
  Decoder:
    inputs: {state: [4], gate: [5]}
    layers:
      - cat: [gate, state]
      - Linear: 2
"""
    model = emit(text).build()
    x = torch.randn(2, 3)
    torch.testing.assert_close(model(x), model.decoder(*model.encoder(x)))


def test_the_table_has_a_section_for_each_model() -> None:
    lines = table.table(emit(design("vae"), "vae").network).splitlines()
    assert [line for line in lines if line in ("Encoder", "Decoder")] == ["Encoder", "Decoder"]
    assert lines[-1].split() == ["total", "652,824", "1,302,400"]


WRONG = {
    "Encoder gives (4,), and Decoder takes (5,)": ("", "[3], layers: [Linear: 4]", "[5], layers: [Linear: 3]"),
    "gives mu and logvar of one shape, and Encoder gives (4,)": (
        "vae",
        "[3], layers: [Linear: 4]",
        "[4], layers: [Linear: 3]",
    ),
    "no layer uses the argument 'unused'": ("", "[3], layers: [Linear: 4]", "[4], layers: [Linear: 3]"),
    "'width' is an argument of all models already": (
        "",
        "[3], args: {width: 3}, layers: [Linear: $width]",
        "[4], layers: [Linear: 3]",
    ),
    "a model has no 'layer'": ("", "[3], layer: [Linear: 4]", "[4], layers: [Linear: 3]"),
}


@pytest.mark.parametrize("message", WRONG)
def test_mistakes_in_models(message: str) -> None:
    task, encoder, decoder = WRONG[message]
    models = f"models:\n  Encoder: {{input: {encoder}}}\n  Decoder: {{input: {decoder}}}\n"
    with pytest.raises(DescriptionError) as error:
        emit(f"name: net\nargs: {{width: 2, unused: 3}}\n{models}", task)
    assert any(message in problem.message for problem in error.value.problems)
