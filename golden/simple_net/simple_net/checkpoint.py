"""Save and load checkpoints; a run killed at any moment leaves an intact one."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .model import SimpleNet


def save_checkpoint(path: Path, checkpoint: dict[str, Any]) -> None:
    """Write a checkpoint; until all of it is on disk, `path` holds the previous one."""
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as file:
        torch.save(checkpoint, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    if os.name == "posix":  # syncs the new name; only here can folders be synced
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
    model = SimpleNet()
    model.load_state_dict(checkpoint["model"])
    return model, checkpoint


def load_matching(path: Path, model: nn.Module, rename: str = "") -> str:
    """Load the weights of another architecture that fit, and return a report.

    `rename` lists the layers that have a new name: "conv=stem,main.2=main.4".
    """
    old = load_checkpoint(path)["model"]
    new = model.state_dict()
    source = _renamed(old, rename)
    told = {*source, *source.values()}
    source |= {name: name for name in old if name not in told}
    fits = {
        name: old[was]
        for name, was in source.items()
        if name in new and old[was].shape == new[name].shape
    }
    model.load_state_dict(fits, strict=False)
    used = {was for name, was in source.items() if name in new}
    lines = [f"{path}: {len(fits)} of {len(new)} tensors loaded"]
    lines += [f"    {source[name]} is {name}" for name in fits if name != source[name]]
    lines += [f"    not loaded: {name}" for name in new if name not in source]
    lines += [f"    not used: {name}" for name in old if name not in used]
    lines += [
        f"    other shape: {name} {tuple(old[was].shape)}, now {tuple(new[name].shape)}"
        for name, was in source.items()
        if name in new and name not in fits
    ]
    return "\n".join(lines)


def _renamed(old: Iterable[str], rename: str) -> dict[str, str]:
    """Return the tensors that `rename` lists, with their names in the checkpoint."""
    renamed: dict[str, str] = {}
    for pair in filter(None, rename.split(",")):
        before, _, after = pair.partition("=")
        found = [name for name in old if f"{name}.".startswith(f"{before}.")]
        if not found or not after:
            raise SystemExit(f"--rename {pair}: no layer {before!r} in the checkpoint")
        for name in found:
            if name not in renamed.values():
                renamed[after + name.removeprefix(before)] = name
    return renamed
