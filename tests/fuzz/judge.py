"""Takes a description through all stages of nngen and, where it is accepted, the emitted model through torch."""

from __future__ import annotations

import ast
import math
import re
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nngen import pipeline
from nngen.language import expressions
from nngen.language.errors import DescriptionError, report
from nngen.network.graph import attribute_of
from nngen.network.symbolic.sizes import Size, Symbolic
from nngen.network.tensors import TensorType
from nngen.network.typed import ClassUse
from nngen.plan.project import Checked, Project
from rendering import render

SECONDS = 2.0  # of CPU that nngen may take for one description
TORCH_SECONDS = 20.0
SAMPLES = 3  # of a batch
_SMALL = 2_000_000  # parameters up to which a model is built with values
_LARGEST = 50_000_000  # elements of a tensor up to which it is run with values
_WORK = 300_000_000  # FLOPs up to which it is run with values


@dataclass(frozen=True)
class Verdict:
    """What came of a description."""

    outcome: str  # "refused", "accepted", "unjudged" or how it failed: "traceback", "slow", "torch", "shape", "count"
    place: str = ""  # where it failed, equal for failures that are thought to have one cause
    detail: str = ""

    @property
    def failed(self) -> bool:
        return self.outcome not in ("refused", "accepted", "unjudged")


class _TooSlow(BaseException):
    """No mistake of a description, so that nothing in nngen catches it."""


def judge(text: str, in_torch: bool = True) -> Verdict:
    """Return the verdict on a description; without torch where only nngen itself is of interest."""
    try:
        with _limited(SECONDS):
            checked, project, files = _through_nngen(text)
    except DescriptionError:
        return Verdict("refused")
    except _TooSlow as slow:
        return Verdict("slow", _places_of(slow)[0], f"more than {SECONDS} s")
    except Exception as error:
        return Verdict(
            "traceback", f"{type(error).__name__} {_places_of(error)[0]}", "".join(traceback.format_exception(error))
        )
    for path, content in files.items():
        try:
            ast.parse(content if path.endswith(".py") else "")
        except SyntaxError as error:
            return Verdict("torch", f"SyntaxError in {path.rpartition('/')[2]}", f"{error.text}: {error}")
    return _through_torch(checked, project, files) if in_torch else Verdict("accepted")


def _through_nngen(text: str) -> tuple[Checked, Project, dict[str, str]]:
    try:
        checked = pipeline.read(text)
    except DescriptionError as error:
        report(error.problems, "description.yaml", text)
        raise
    report(checked.warnings, "description.yaml", text)
    project = pipeline.plan(checked)
    return checked, project, render(project, pipeline.answers(checked), formatted=False)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise `_TooSlow` where the code in the context has taken so much of the CPU."""

    def stop(number: int, frame: object) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _places_of(error: BaseException) -> list[str]:
    """Return where an error was raised in nngen, the innermost place first, each as file and function."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/nngen/" in frame.filename or "/templates/" in frame.filename] or list(frames)
    return [f"{frame.filename.rpartition('/nngen/')[2]}:{frame.lineno} {frame.name}" for frame in reversed(ours)]


def _through_torch(checked: Checked, project: Project, files: dict[str, str]) -> Verdict:
    if project.own_code:
        return Verdict("unjudged", detail="it has code of the author's own")
    import torch

    torch.manual_seed(0)
    small = _is_small(checked, project)
    namespace: dict[str, Any] = {"__name__": "model"}
    try:
        with _limited(TORCH_SECONDS), torch.no_grad(), torch.device("cpu" if small else "meta"):
            exec(compile(files[f"{project.name}/model.py"], "model.py", "exec"), namespace)
            model = namespace[project.class_name]()
            count = sum(parameter.numel() for parameter in model.parameters())
            if count != project.parameters:
                return Verdict("count", "", f"{count} parameters in torch, {project.parameters} in nngen")
            return _run_all(checked, model, torch)
    except _TooSlow:
        return Verdict("unjudged", detail="torch takes long")
    except (NotImplementedError, MemoryError) as error:
        return Verdict("unjudged", detail=str(error))
    except Exception as error:
        packs = "pack_padded_sequence" in files[f"{project.name}/model.py"]
        if (
            _depends_on_values(str(error), packs)
            or "allocate memory" in str(error)
            or (not small and _only_on_meta(str(error)))
        ):
            return Verdict("unjudged", detail=str(error))
        return Verdict("torch", _torch_place(error), "".join(traceback.format_exception(error)))


def _only_on_meta(message: str) -> bool:
    return "meta" in message or "overflow" in message.lower() or "must be on the CPU" in message


def _is_small(checked: Checked, project: Project) -> bool:
    """Tell whether a network can be built and run with values, not only with shapes."""
    types = [typed for use in checked.network.all_uses for typed in use.types.values()]
    tensors = (tensor for typed in types for tensor in (*typed.inputs, *typed.outputs))
    largest = max(math.prod(map(_number, tensor.sizes)) for tensor in tensors)
    buffers = sum(typed.buffers for typed in types)
    work = _number(checked.network.flops)
    return project.parameters <= _SMALL and buffers <= _SMALL and work <= _WORK and largest <= _LARGEST


def _depends_on_values(message: str, packs: bool) -> bool:
    """Tell whether torch refuses probabilities or lengths for values that no one knows before the network runs."""
    of_lengths = "exceeds dimension size" in message or "has to be greater than 0" in message
    return "Expected p_in >= 0" in message or (packs and of_lengths)


def _torch_place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    message = re.sub(r"\d+", "#", str(error).partition("\n")[0])[:70]
    return f"{type(error).__name__} {frame.filename.rpartition('/')[2]}:{frame.name}: {message}"


def _run_all(checked: Checked, model: Any, torch: Any) -> Verdict:
    """Compare the shapes of every model in training and in evaluation with what nngen says."""
    several = len(checked.network.models) > 1
    for use, facts in zip(checked.network.models, checked.facts, strict=True):
        part = getattr(model, attribute_of(use.graph)) if several else model
        values = {"N": SAMPLES}
        for tensor, known in zip(use.inputs, facts.inputs, strict=True):
            varying = zip(tensor.sample_shape, known.example, strict=True)
            values |= {str(size): number for size, number in varying if isinstance(size, Symbolic)}
        verdict = _run(part, use, values, torch)
        if verdict.failed:
            return verdict
        if len(values) > 1:
            try:
                verdict = _run(part, use, {name: size + (name != "N") for name, size in values.items()}, torch)
            except Exception:
                return Verdict("accepted")  # not every size has to fit
            if verdict.failed:
                return verdict
    return Verdict("accepted")


def _run(part: Any, use: ClassUse, values: dict[str, int], torch: Any) -> Verdict:
    inputs = [_drawn(tensor, values, torch) for tensor in use.inputs]
    if any("max_" in str(size) for tensor in use.outputs for size in tensor.sizes):
        return Verdict("unjudged", detail="a size depends on values")
    expected = [_shape(tensor, values) for tensor in use.outputs]
    for mode in (True, False):
        given = part.train(mode)(*inputs)
        shapes = [tuple(tensor.shape) for tensor in (given if isinstance(given, (tuple, list)) else (given,))]
        if shapes != expected:
            place = f"{_last(use)}{'' if mode else ' in eval'}"
            return Verdict("shape", place, f"{shapes} in torch, {expected} in nngen, for {values}")
    return Verdict("accepted")


def _last(use: ClassUse) -> str:
    return use.last.kind


def _drawn(tensor: TensorType, values: dict[str, int], torch: Any) -> Any:
    shape = _shape(tensor, values)
    if tensor.dtype.startswith("float"):
        return torch.rand(shape, dtype=getattr(torch, tensor.dtype))
    high = _number(tensor.high.size) if tensor.high else 2
    return torch.randint(0, 2 if tensor.dtype == "bool" else max(high, 1), shape).to(getattr(torch, tensor.dtype))


def _shape(tensor: TensorType, values: dict[str, int]) -> tuple[int, ...]:
    return tuple(_number(size, values) for size in tensor.sizes)


def _number(size: Size, values: dict[str, int] | None = None) -> int:
    if not isinstance(size, Symbolic):
        return int(size)
    named = dict.fromkeys(size.names(), 32) if values is None else values
    return int(expressions.evaluate(size.expression(), named))
