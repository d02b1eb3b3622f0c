"""Texts as sequences of tokens."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..target_kinds import NEXT
from ..tensor import Tensor
from .base import DataPath, Split


class Tokens(Split):
    """A text in windows that follow each other; the network tells the next token of each."""

    targets = frozenset({NEXT})
    in_order = True
    cuts = True
    test: float = Field(0.1, gt=0, lt=0.5, description="Share of the text for the final evaluation; its end.")
    window: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="Tokens that the network sees at once; by default as many as it can take, or 64.",
    )

    def input_problem(self, tensor: Tensor) -> str | None:
        if tensor.dtype == "int64" and len(tensor.shape) == 1 and tensor.varies:
            return None
        return (
            f"the samples of {self.source} are tokens, and need an input such as "
            "{shape: [time], dtype: int64, high: 96}"
        )

    @property
    def characters(self) -> bool:
        """Whether each token is a character."""
        return True

    @property
    def tokens_at_once(self) -> int | None:
        return self.window

    @property
    def vocabulary(self) -> int | None:
        """The number of different tokens; None if it is known only when the text is read."""
        return None

    @property
    def train(self) -> float:
        """The fraction of the text in the training set."""
        return round(1 - self.validation - self.test, 6)

    @property
    def train_and_validation(self) -> float:
        """The fraction of the text before the test set."""
        return round(1 - self.test, 6)


class PythonDocs(Tokens):
    """The documentation that Python ships: 520,000 characters of English, none of them beyond ASCII."""

    source = "python_docs"
    title = "Python's own documentation"

    @property
    def vocabulary(self) -> int | None:
        return 96  # the printable characters of ASCII, and the line break


class Text(Tokens):
    """A text file, character by character or in the tokens of GPT-2."""

    source = "text"
    title = "a text"
    main_argument = "path"
    rereads = True
    path: DataPath = Field(description="Where it is, from the folder of the project.")
    tokenizer: Literal["char", "gpt2"] = Field(
        "char", description="char makes each character a token; gpt2 takes the tokens of GPT-2, through tiktoken."
    )

    @property
    def characters(self) -> bool:
        return self.tokenizer == "char"

    @property
    def learns_something(self) -> bool:
        return self.characters

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("tiktoken>=0.7",) if self.tokenizer == "gpt2" else ()

    @property
    def vocabulary(self) -> int | None:
        return 50257 if self.tokenizer == "gpt2" else None
