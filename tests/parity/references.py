"""For each network of issue 3 an independent implementation, and how its weights go into the emitted one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from . import by_hand

Copy = Callable[[nn.Module, nn.Module], None]


@dataclass(frozen=True)
class Reference:
    """A network to compare with.

    Attributes:
        full: makes the reference as it was published.
        inputs: of one sample, as it was published.
        published: its parameters as they are published; None where there is no such number.
        small: makes the reference that outputs are compared with; the same as `full` where that is small enough.
        small_inputs: some samples for it.
        arguments: of the emitted model, so that it is like the small reference.
        copy: takes the weights over.
        outputs: of the reference, as the emitted model gives them.
        on_meta: whether the reference runs without values.
    """

    full: Callable[[], nn.Module]
    inputs: Callable[[], tuple[Tensor, ...]]
    published: int | None = None
    small: Callable[[], nn.Module] | None = None
    small_inputs: Callable[[], tuple[Tensor, ...]] | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    copy: Copy | None = None
    outputs: Callable[[nn.Module, tuple[Tensor, ...]], Any] | None = None
    on_meta: bool = True


def in_order(reference: nn.Module, model: nn.Module) -> None:
    """Copies tensors one by one; both have them in the order in which they run."""
    theirs, ours = reference.state_dict(), model.state_dict()
    assert len(theirs) == len(ours), f"{len(theirs)} and {len(ours)} tensors"
    for (name, value), (own, target) in zip(theirs.items(), ours.items(), strict=True):
        assert value.shape == target.shape, f"{name} {tuple(value.shape)} and {own} {tuple(target.shape)}"
        with torch.no_grad():
            target.copy_(value)


def by_parts(*parts: tuple[str, str]) -> Copy:
    """Copies in order, part by part: theirs, and ours."""

    def copy(reference: nn.Module, model: nn.Module) -> None:
        done = 0
        for theirs, ours in parts:
            one, other = _part(reference, theirs), _part(model, ours)
            if isinstance(one, Tensor):
                with torch.no_grad():
                    other.copy_(one.reshape(other.shape))
                done += one.numel()
            else:
                in_order(one, other)
                done += sum(parameter.numel() for parameter in one.parameters())
        assert done == sum(parameter.numel() for parameter in model.parameters()), "not all parts are copied"

    return copy


def _part(module: nn.Module, path: str) -> Any:
    part: Any = module
    for name in path.split("."):
        part = getattr(part, name)
    return part


def _images(size: int, batch: int = 2, channels: int = 3) -> Callable[[], tuple[Tensor, ...]]:
    return lambda: (torch.randn(batch, channels, size, size),)


def _torchvision(name: str, **arguments: Any) -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        models = pytest.importorskip("torchvision.models")
        made = getattr(models, name)(weights=None, **arguments)
        assert isinstance(made, nn.Module)
        return made

    return make


def _small_vit() -> nn.Module:
    module = pytest.importorskip("torchvision.models.vision_transformer")
    made = module.VisionTransformer(
        image_size=32, patch_size=8, num_layers=2, num_heads=4, hidden_dim=64, mlp_dim=96, num_classes=10
    )
    nn.init.normal_(made.heads.head.weight)  # zeros else
    assert isinstance(made, nn.Module)
    return made


def _copy_vit(reference: nn.Module, model: nn.Module) -> None:
    by_parts(
        ("class_token", "class_token"),
        ("encoder.pos_embedding", "position"),
        ("conv_proj", "patch_embed"),
        ("encoder.layers", "blocks"),
        ("encoder.ln", "norm"),
        ("heads.head", "head"),
    )(reference, model)


def _googlenet_outputs(reference: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
    """The auxiliary heads too, which torchvision leaves out in evaluation."""
    seen: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def hook(module: nn.Module, arguments: Any, output: Tensor) -> None:
            seen[name] = output

        return hook

    hooks = [_part(reference, name).register_forward_hook(keep(name)) for name in ("inception4a", "inception4d")]
    logits = reference(*inputs)
    for hook in hooks:
        hook.remove()
    return logits, _part(reference, "aux1")(seen["inception4a"]), _part(reference, "aux2")(seen["inception4d"])


_INCEPTIONS = tuple(f"inception{name}" for name in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"))


def _gpt2(**sizes: int) -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        transformers = pytest.importorskip("transformers")
        config = transformers.GPT2Config(attn_implementation="eager", **sizes)
        made = transformers.GPT2LMHeadModel(config)
        assert isinstance(made, nn.Module)
        return made

    return make


def _copy_gpt2(reference: nn.Module, model: nn.Module) -> None:
    """transformers keeps the weights of its linear layers transposed."""
    names = {
        "wte": "token_embedding",
        "wpe": "position_embedding",
        "ln_f": "norm",
        "ln_1": "norm1",
        "ln_2": "norm2",
        "attn.c_attn": "attn.qkv",
        "attn.c_proj": "attn.proj",
        "mlp.c_fc": "mlp.fc",
        "mlp.c_proj": "mlp.proj",
    }
    ours = dict(model.named_parameters())
    for name, value in reference.named_parameters():
        stem, _, last = name.removeprefix("transformer.").rpartition(".")
        block = stem.split(".", 2)[:2] if stem.startswith("h.") else []
        inner = names[stem.split(".", 2)[2] if block else stem]
        target = ours.pop(".".join([*(["blocks", block[1]] if block else []), inner, last]))
        with torch.no_grad():
            target.copy_(value.T if ".c_" in name and last == "weight" else value)
    assert not ours, f"without weights: {list(ours)}"


def _bert(**sizes: int) -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        transformers = pytest.importorskip("transformers")
        config = transformers.BertConfig(attn_implementation="eager", num_labels=2, **sizes)
        made = transformers.BertForSequenceClassification(config)
        assert isinstance(made, nn.Module)
        return made

    return make


def _copy_bert(reference: nn.Module, model: nn.Module) -> None:
    """torch keeps the projections of query, key and value in one matrix."""
    bert = _part(reference, "bert")
    pairs = [
        ("embeddings.word_embeddings", "token_embedding"),
        ("embeddings.position_embeddings", "position_embedding"),
        ("embeddings.token_type_embeddings", "segment_embedding"),
        ("embeddings.LayerNorm", "norm"),
        ("pooler.dense", "pooler.0"),
    ]
    for index in range(len(_part(bert, "encoder.layer"))):
        theirs, ours = f"encoder.layer.{index}", f"encoder.{index}"
        pairs += [
            (f"{theirs}.attention.output.dense", f"{ours}.attention.out_proj"),
            (f"{theirs}.attention.output.LayerNorm", f"{ours}.norm1"),
            (f"{theirs}.intermediate.dense", f"{ours}.mlp.0"),
            (f"{theirs}.output.dense", f"{ours}.mlp.2"),
            (f"{theirs}.output.LayerNorm", f"{ours}.norm2"),
        ]
        own = [_part(bert, f"{theirs}.attention.self.{name}") for name in ("query", "key", "value")]
        with torch.no_grad():
            _part(model, f"{ours}.attention.in_proj_weight").copy_(torch.cat([each.weight for each in own]))
            _part(model, f"{ours}.attention.in_proj_bias").copy_(torch.cat([each.bias for each in own]))
    for theirs, ours in pairs:
        in_order(_part(bert, theirs), _part(model, ours))
    in_order(_part(reference, "classifier"), _part(model, "head"))


def _bert_outputs(reference: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
    tokens, segments = inputs
    return reference(tokens, attention_mask=(tokens != 0).long(), token_type_ids=segments).logits


def _tokens(high: int, length: int, batch: int, padded: int = 0) -> Tensor:
    tokens = torch.randint(1, high, (batch, length))
    if padded:
        tokens[-1, -padded:] = 0
    return tokens


REFERENCES: dict[str, Reference] = {
    "resnet18": Reference(_torchvision("resnet18"), _images(224, 1), 11_689_512, small_inputs=_images(64)),
    "resnet50": Reference(_torchvision("resnet50"), _images(224, 1), 25_557_032, small_inputs=_images(64)),
    "vgg16": Reference(_torchvision("vgg16_bn"), _images(224, 1), 138_365_992, small_inputs=_images(32)),
    "densenet121": Reference(_torchvision("densenet121"), _images(224, 1), 7_978_856, small_inputs=_images(64)),
    "googlenet": Reference(
        _torchvision("googlenet", aux_logits=True, init_weights=False, transform_input=False),
        _images(224, 1),
        13_004_888,
        small_inputs=_images(96),
        copy=by_parts(
            ("conv1", "conv_bn_relu1"),
            ("conv2", "conv_bn_relu2"),
            ("conv3", "conv_bn_relu3"),
            *((name, name) for name in _INCEPTIONS),
            ("aux1", "head1"),
            ("aux2", "head2"),
            ("fc", "fc"),
        ),
        outputs=_googlenet_outputs,
    ),
    "mobilenet_v2": Reference(_torchvision("mobilenet_v2"), _images(224, 1), 3_504_872, small_inputs=_images(64)),
    "mobilenet_v3_small": Reference(
        _torchvision("mobilenet_v3_small"), _images(224, 1), 2_542_856, small_inputs=_images(64)
    ),
    "efficientnet_b0": Reference(_torchvision("efficientnet_b0"), _images(224, 1), 5_288_548, small_inputs=_images(64)),
    "convnext_tiny": Reference(_torchvision("convnext_tiny"), _images(224, 1), 28_589_128, small_inputs=_images(64)),
    "vit_b16": Reference(
        _torchvision("vit_b_16"),
        _images(224, 1),
        86_567_656,
        small=_small_vit,
        small_inputs=_images(32),
        arguments={
            "image_size": 32,
            "patch_size": 8,
            "dim": 64,
            "depth": 2,
            "heads": 4,
            "mlp_dim": 96,
            "num_classes": 10,
        },
        copy=_copy_vit,
    ),
    "gpt2_small": Reference(
        _gpt2(),
        lambda: (_tokens(50257, 64, 1),),
        124_439_808,
        small=_gpt2(vocab_size=101, n_positions=32, n_embd=48, n_layer=3, n_head=4),
        small_inputs=lambda: (_tokens(101, 20, 3),),
        arguments={"vocab_size": 101, "context": 32, "dim": 48, "depth": 3, "heads": 4},
        copy=_copy_gpt2,
        outputs=lambda reference, inputs: reference(*inputs).logits,
    ),
    "bert_base": Reference(
        _bert(),
        lambda: (_tokens(30522, 64, 1), torch.randint(0, 2, (1, 64))),
        109_483_778,
        small=_bert(
            vocab_size=101,
            max_position_embeddings=32,
            hidden_size=48,
            num_hidden_layers=3,
            num_attention_heads=4,
            intermediate_size=64,
        ),
        small_inputs=lambda: (_tokens(101, 20, 3, padded=7), torch.randint(0, 2, (3, 20))),
        arguments={"vocab_size": 101, "context": 32, "dim": 48, "depth": 3, "heads": 4, "mlp_dim": 64},
        copy=_copy_bert,
        outputs=_bert_outputs,
        on_meta=False,
    ),
    "unet": Reference(by_hand.UNet, _images(64, 1, 1), 31_036_546, small_inputs=_images(53, 2, 1)),
    "wide_and_deep": Reference(
        by_hand.WideAndDeep,
        lambda: (torch.randn(1, 64), torch.randint(0, 1000, (1, 12))),
        small_inputs=lambda: (torch.randn(5, 64), torch.randint(0, 1000, (5, 12))),
    ),
    "siamese": Reference(
        by_hand.Siamese,
        lambda: (*_images(28, 1, 1)(), *_images(28, 1, 1)()),
        small_inputs=lambda: (*_images(28, 4, 1)(), *_images(28, 4, 1)()),
    ),
    "tcn": Reference(by_hand.TCN, lambda: (torch.randn(1, 8, 64),), small_inputs=lambda: (torch.randn(3, 8, 50),)),
    "pointnet": Reference(
        by_hand.PointNet,
        lambda: (torch.randn(1, 3, 64),),
        small_inputs=lambda: (torch.randn(4, 3, 100),),
    ),
    "lstm_attention": Reference(
        by_hand.LSTMAttention,
        lambda: (_tokens(20000, 64, 1),),
        small_inputs=lambda: (_tokens(20000, 30, 3, padded=9),),
    ),
}
