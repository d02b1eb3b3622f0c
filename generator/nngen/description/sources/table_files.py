"""How tables lie in files: what emitted code reads and writes them with, and what sentences call them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableFile:
    """A kind of file that holds a table.

    Attributes:
        ending: of its name.
        read: the table in the file ``path``, as code.
        read_texts: likewise, with each cell as the text that it is.
        write: the method of a table that writes it to ``path``, as code.
        has_header: its first line names the columns, so that rows are counted below it.
    """

    ending: str
    read: str
    read_texts: str
    write: str
    has_header: bool = False

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        return f"a {self.ending} file"


CSV = TableFile(
    ending=".csv",
    read="pd.read_csv(path)",
    read_texts="pd.read_csv(path, dtype=str, keep_default_na=False)",
    write="to_csv(path, index=False)",
    has_header=True,
)
