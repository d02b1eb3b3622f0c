"""Texts of Python that know how they are put together, so that nobody has to read them again."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum

MODULES_OF_TENSORS = frozenset(("torch", "F"))  # whose functions give tensors
UNTYPED = frozenset(("norm",))  # methods of tensors that torch gives no types


class Form(Enum):
    """What an expression is at its outside."""

    NAME = "name"
    ATTRIBUTE = "attribute"
    CALL = "call"
    INDEX = "index"
    OPERATOR = "operator"
    COMPARISON = "comparison"
    CHOICE = "choice"  # ``or`` and ``if``, which bind less than ``and``
    OTHER = "other"


class Value(str):
    """The text of an expression.

    Attributes:
        form: what it is at its outside.
        parts: the values that it begins with: the receiver of a method, or the operands of an operator.
        root: the name that a chain begins with; empty where a type checker cannot follow the chain from there.
        links: how many attributes, calls and indices there are behind the root.
    """

    form: Form
    parts: tuple[Value, ...]
    root: str
    links: int

    def __new__(
        cls, text: str, form: Form = Form.OTHER, parts: tuple[Value, ...] = (), root: str = "", links: int = 1
    ) -> Value:
        """Make a value of a text and what is known of it."""
        value = super().__new__(cls, text)
        value.form, value.parts, value.root, value.links = form, parts, root, links
        return value

    @classmethod
    def of(cls, text: str) -> Value:
        """Return the value itself, or one of which nothing but the text is known."""
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
        """Return whether a type checker knows that it is a tensor; what a module returns is anything to it.

        Args:
            declared: the variables that are known to be tensors.
        """
        if self.form is Form.OPERATOR:  # with an operand of any type the result is anything
            return all(part.is_tensor(declared) for part in self.parts)
        if self.form is Form.NAME:
            return self in declared
        return self.form in (Form.CALL, Form.INDEX) and (self.root in MODULES_OF_TENSORS or self.root in declared)

    def goes_on_behind(self, first: Value) -> bool:
        """Return whether it is read on from the value that it begins with: ``(x - y).abs()``, ``x.exp() + y``."""
        value = self
        while value.parts and value.parts[0] is not first:
            value = value.parts[0]
        if not value.parts:
            return False
        if value.form in (Form.OPERATOR, Form.COMPARISON):
            # an operator behind a longer chain is easily overlooked
            return first.form is Form.CALL and first.links == 1
        return value.form in (Form.ATTRIBUTE, Form.CALL)
