"""How long the emitted networks are, beside what people write by hand.

    python benchmarks/lines.py            the examples beside torchvision's classes and the networks of tests/parity
    python benchmarks/lines.py FILE ...   the lines of Python files, counted in the same way

Counts the lines of classes after black, without blank lines, comments, docstrings, assertions and prints.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import sys
import tokenize
from pathlib import Path

import black

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "generator")]

# the classes and functions that make the network; torchvision's have options that the examples do not
TORCHVISION = {
    "resnet18": ("resnet", "BasicBlock ResNet conv3x3 conv1x1"),
    "resnet50": ("resnet", "Bottleneck ResNet conv3x3 conv1x1"),
    "vgg16": ("vgg", "VGG make_layers"),
    "densenet121": ("densenet", "_DenseLayer _DenseBlock _Transition DenseNet"),
    "googlenet": ("googlenet", "GoogLeNet Inception InceptionAux BasicConv2d"),
    "mobilenet_v2": ("mobilenetv2", "InvertedResidual MobileNetV2"),
    "mobilenet_v3_small": ("mobilenetv3", "InvertedResidualConfig InvertedResidual MobileNetV3"),
    "efficientnet_b0": ("efficientnet", "MBConvConfig MBConv EfficientNet"),
    "convnext_tiny": ("convnext", "LayerNorm2d CNBlock ConvNeXt"),
    "vit_b16": ("vision_transformer", "MLPBlock EncoderBlock Encoder VisionTransformer"),
}
BY_HAND = {
    "unet": "DoubleConv Up UNet",
    "wide_and_deep": "WideAndDeep",
    "siamese": "Siamese",
    "tcn": "CausalConv1d TemporalBlock TCN",
    "pointnet": "TNet PointNet",
    "lstm_attention": "LSTMAttention",
}


def count(source: str, names: str | None = None) -> int:
    """The lines of the named classes and functions; of all without names."""
    tree = ast.parse(source)
    wanted = names.split() if names else [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    parts = [ast.get_source_segment(source, node) or "" for node in tree.body if getattr(node, "name", "") in wanted]
    text = black.format_str("\n\n".join(_bare(part) for part in parts), mode=black.Mode(line_length=88))
    comments = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
    }
    return sum(1 for number, line in enumerate(text.splitlines(), 1) if line.strip() and number not in comments)


def _bare(source: str) -> str:
    """Without docstrings, assertions, prints and torchvision's logging."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        printed = isinstance(node, ast.Expr) and ast.unparse(node).startswith(("print(", "_log_api_usage"))
        if text or printed or isinstance(node, ast.Assert):
            assert isinstance(node, ast.stmt) and node.end_lineno
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
            lines[node.lineno - 1] = " " * node.col_offset + "pass_that_is_no_line"
    return "\n".join(line for line in lines if line.strip() != "pass_that_is_no_line")


def main() -> None:
    if sys.argv[1:]:
        for path in sys.argv[1:]:
            print(f"{count(Path(path).read_text()):5}  {path}")
        return
    from networks import EXAMPLES, example
    from parity import conftest  # noqa: F401  torchvision needs it

    print(f"{'network':20} emitted  by hand  ratio")
    for path in sorted(EXAMPLES.glob("*.yaml")):
        name, emitted, other = path.stem, count(example(path.stem).source), 0
        if name in BY_HAND:
            other = count((ROOT / "tests/parity/by_hand.py").read_text(), BY_HAND[name])
        elif name in TORCHVISION:
            module, names = TORCHVISION[name]
            other = count(inspect.getsource(importlib.import_module(f"torchvision.models.{module}")), names)
        ratio = f"{other:8} {emitted / other:6.2f}" if other else ""
        print(f"{name:20} {emitted:7} {ratio}")


if __name__ == "__main__":
    main()
