"""The kinds of files that hold tables, with the emitted code that reads and writes them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableFile:
    """A kind of file that holds a table.

    Attributes:
        ending: the ending of its name.
        read: the code that reads the table from the file ``path``.
        read_texts: the code that reads the table with all cells as texts.
        write: the code of the method call that writes a table to ``path``.
        has_header: whether its first line has the names of the columns, so that rows are counted from the second.
    """

    ending: str
    read: str
    read_texts: str
    write: str
    has_header: bool = False

    @property
    def words(self) -> str:
        """The kind of file in a sentence."""
        return f"a {self.ending} file"


CSV = TableFile(
    ending=".csv",
    read="pd.read_csv(path)",
    read_texts="pd.read_csv(path, dtype=str, keep_default_na=False)",
    write="to_csv(path, index=False)",
    has_header=True,
)
