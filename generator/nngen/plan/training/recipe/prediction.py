"""What the emitted ``predict.py`` and ``export.py`` need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ....description.target_kinds import BINARY, REAL
from ....description.tensor import Tensor
from ....training.sample_fields import input_fields
from .core import Core
from .data import DataPlan


@dataclass(frozen=True, slots=True)
class PredictionPlan:
    """Choices of predictions and of the export."""

    core: Core
    data: DataPlan

    @property
    def input_names(self) -> tuple[str, ...]:
        return tuple(field.name for field in input_fields(self.core.exported))

    @property
    def export_file(self) -> str:
        return "model.pt" if self.core.exported.unrolls else "model.pt2"

    def load_exported(self, path: str) -> str:
        """The exported model from its file, as code."""
        return f"torch.jit.load({path})" if self.core.exported.unrolls else f"torch.export.load({path}).module()"

    @property
    def simple_input(self) -> bool:
        """The exported model takes one tensor of a size that is known."""
        return len(self.core.exported.inputs) == 1 and not self.core.exported.inputs[0].varies

    @property
    def varying_words(self) -> Mapping[str, int]:
        """The sizes of inputs that vary, with those of an example."""
        pairs = [(size, known) for each in self.core.exported.inputs for size, known in zip(each.shape, each.example)]
        return {size: known for size, known in pairs if isinstance(size, str)}

    def larger(self, factor: int) -> str:
        """Arguments of ``example`` for samples that are so many times as large where sizes vary, as code."""
        longest = self.core.network.longest
        sizes = {word: min(factor * size, longest or factor * size) for word, size in self.varying_words.items()}
        return "".join(f", {word}={size}" for word, size in sizes.items())

    @property
    def other_sizes(self) -> str:
        """Arguments of ``example`` for samples of other sizes than those that are exported with, as code."""
        return self.larger(3)

    def sizes_of(self, tensor: Tensor) -> list[str]:
        """The shape as code, where words are variables."""
        return [str(size) for size in tensor.shape]

    def dynamic_dims(self, tensor: Tensor) -> str:
        """The dimensions that vary, for ``torch.export``, as code."""
        dims = [0, *(dim for dim, size in enumerate(tensor.shape, 1) if isinstance(size, str))]
        return f"{{{', '.join(f'{dim}: auto' for dim in dims)}}}"

    def predicted(self, output: str, code: str) -> str:
        """What is predicted by an output, given as code: the first loss that takes it says that."""
        for term in self.core.terms:
            if term.output is not None and term.output.name == output and term.loss.predicts:
                parts = [part.name for part in self.core.loss_code.parts if part.class_name == term.call.name]
                if term.call.arguments.get("out_features"):
                    return code  # one class for each of several features
                return term.loss.predicts.format(loss=".".join(["loss_function", *parts[:1]]), output=code)
            if term.output is not None and term.output.name == output:
                return code + term.loss.prediction
        return code

    @property
    def loss_predicts(self) -> bool:
        """Predictions need the weights of the loss."""
        return any("loss_function" in self.predicted(each.name, "") for each in self.core.network.outputs)

    @property
    def ending(self) -> str:
        """What turns an output into a probability or a value, as the end of an expression."""
        return self.data.drawn or self.core.loss.prediction

    @property
    def words(self) -> str:
        if self.core.target == REAL:
            return "the predicted values, standardised," if self.data.scales_target else "the predicted values"
        if not self.core.loss.probabilities:
            return "the scores of the classes"
        return "the probability of class 1" if self.core.target == BINARY else "the probabilities of the classes"

    @property
    def summary(self) -> str:
        """What predict.py takes, for a README."""
        if self.core.task.predict_words:
            return self.core.task.predict_words.format(source=self.data.settings)
        if self.data.reads_tags:
            return f"some sentences of the test set, {self.data.settings.table_file.words}, or --text"
        if self.data.settings.reads_table:
            return f"some samples of the test set, or {self.data.settings.table_file.words}"
        kind = (
            "image files"
            if self.data.settings.reads_images
            else "an .npy file" if len(self.core.inputs) == 1 else "an .npz file"
        )
        return f"some samples of the test set, or {kind}"

    def in_pixels(self, output: str) -> str:
        """Samples that a network gives, with pixels from 0 to 1, as code."""
        return f"{output}{self.ending}"
