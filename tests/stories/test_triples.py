"""Drawn triples with a known right result: the second merge never gives another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from nngen.delivery.statements.merging import merge_text
from stories.tallied_triples import LABEL, NNGEN, UNION, judge, merge_file
from stories.trees import tree_of
from stories.triples import Triple

COUNT = 120


@pytest.mark.parametrize("adversarial", [False, True], ids=["plain", "adversarial"])
def test_no_drawn_triple_is_merged_wrongly(adversarial: bool, tmp_path: Path) -> None:
    tally = judge(tmp_path, COUNT, adversarial)
    assert not tally.wrong, tally.text("Drawn")
    assert tally.counts[NNGEN]["right"] >= COUNT * (0.1 if adversarial else 0.5), tally.text("Drawn")
    assert tally.counts[UNION]["wrong"] > COUNT / 2  # the draws are hard


def test_the_judge_knows_statements_by_their_place_in_the_tree(tmp_path: Path) -> None:
    text = """\
@decorated(
    1
)
class A:
    '''Text
    of two lines.'''

    # why
    def f(self):
        try:
            return 1
        except ValueError:
            pass
"""
    tree = tree_of("a.py", text)
    assert tree
    heads = [node.head for node, _, _ in tree.nodes()]
    assert heads == [
        "@decorated(",
        "'''Text",
        "# why",
        "def f(self):",
        "try:",
        "return 1",
        "except ValueError:",
        "pass",
    ]
    base = "a = 1\nb = 2\n"
    triple = Triple("", "a.py", base, "a = 3\nb = 2\n", "a = 1\nb = 4\n", frozenset())
    by_git, conflicts = merge_file(tmp_path, triple)
    assert conflicts
    assert merge_text("a.py", base, triple.ours, triple.theirs, by_git, LABEL) == "a = 3\nb = 4\n"
