"""torchvision's models need operators whose compiled form does not load on the CPU build of torch."""

from __future__ import annotations

import contextlib
import importlib.util

_OPERATORS = ("nms", "qnms")

if importlib.util.find_spec("torch") and importlib.util.find_spec("torchvision"):
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")  # kept: the definitions live as long as it does
    for _name in _OPERATORS:
        with contextlib.suppress(RuntimeError):  # it is defined where the compiled ones do load
            library.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
