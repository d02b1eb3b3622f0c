"""Save and load checkpoints; a kill at any moment leaves a whole one."""

import os
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .model import TwoHeads


def save_checkpoint(path: Path, checkpoint: dict[str, Any]) -> None:
    """Write a checkpoint; until it is whole and on disk, `path` holds the one before."""
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as file:
        torch.save(checkpoint, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    if os.name == "posix":  # only here can a folder be synced, and so the new name
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint; its tensors are on the CPU."""
    if not path.is_file():
        raise SystemExit(f"{path}: no such checkpoint; train first, see README.md")
    checkpoint: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return checkpoint


def load_model(path: Path) -> tuple[nn.Module, dict[str, Any]]:
    """Return the trained model of a checkpoint, and the checkpoint."""
    checkpoint = load_checkpoint(path)
    model = TwoHeads()
    model.load_state_dict(checkpoint["model"])
    return model, checkpoint


def load_matching(path: Path, model: nn.Module) -> str:
    """Load what fits from a checkpoint of another architecture; return what does not."""
    old = load_checkpoint(path)["model"]
    new = model.state_dict()
    fits = {
        name: tensor
        for name, tensor in old.items()
        if name in new and tensor.shape == new[name].shape
    }
    model.load_state_dict(fits, strict=False)
    lines = [f"{path}: {len(fits)} of {len(new)} tensors fit"]
    lines += [f"    not in it: {name}" for name in new if name not in old]
    lines += [f"    of no use: {name}" for name in old if name not in new]
    lines += [
        f"    other shape: {name} {tuple(old[name].shape)}, now {tuple(new[name].shape)}"
        for name in new
        if name in old and name not in fits
    ]
    return "\n".join(lines)
