"""Code of Python expressions that records its structure, so that it need not be parsed again."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum

MODULES_OF_TENSORS = frozenset(("torch", "F"))  # modules whose functions return tensors
UNTYPED = frozenset(("norm",))  # methods of tensors without annotations in torch


class Form(Enum):
    """The outermost form of an expression."""

    NAME = "name"
    ATTRIBUTE = "attribute"
    CALL = "call"
    INDEX = "index"
    OPERATOR = "operator"
    COMPARISON = "comparison"
    CHOICE = "choice"  # ``or`` and ``if``, which bind less than ``and``
    OTHER = "other"


class Value(str):
    """The code of an expression.

    Attributes:
        form: its outermost form.
        parts: the receiver of a method, or the operands of an operator.
        root: the name at the beginning of a chain; empty if a type checker cannot follow the chain from there.
        links: the number of attributes, calls and indices after the root.
    """

    form: Form
    parts: tuple[Value, ...]
    root: str
    links: int

    def __new__(
        cls, text: str, form: Form = Form.OTHER, parts: tuple[Value, ...] = (), root: str = "", links: int = 1
    ) -> Value:
        """Create a value from its code and structure."""
        value = super().__new__(cls, text)
        value.form, value.parts, value.root, value.links = form, parts, root, links
        return value

    @classmethod
    def of(cls, text: str) -> Value:
        """Return the code itself if it is a value, or else a value of unknown structure."""
        return text if isinstance(text, Value) else cls(text)

    @classmethod
    def name(cls, name: str) -> Value:
        """Return the value of a variable."""
        return cls(name, Form.NAME, root=name, links=0)

    @classmethod
    def own(cls, attribute: str) -> Value:
        """Return the value of an attribute of the module: ``self.scale``."""
        return cls(f"self.{attribute}", Form.ATTRIBUTE, root="self")

    def is_tensor(self, declared: Collection[str]) -> bool:
        """Tell whether a type checker infers a tensor; it infers ``Any`` for the results of modules.

        Args:
            declared: the variables that are known to be tensors.
        """
        if self.form is Form.OPERATOR:  # an operand of type Any makes the result Any
            return all(part.is_tensor(declared) for part in self.parts)
        if self.form is Form.NAME:
            return self in declared
        return self.form in (Form.CALL, Form.INDEX) and (self.root in MODULES_OF_TENSORS or self.root in declared)

    def goes_on_behind(self, first: Value) -> bool:
        """Tell whether the code continues after the value that it begins with: ``(x - y).abs()``, ``x.exp() + y``."""
        value = self
        while value.parts and value.parts[0] is not first:
            value = value.parts[0]
        if not value.parts:
            return False
        if value.form in (Form.OPERATOR, Form.COMPARISON):
            # an operator after a longer chain is easily overlooked
            return first.form is Form.CALL and first.links == 1
        return value.form in (Form.ATTRIBUTE, Form.CALL)
