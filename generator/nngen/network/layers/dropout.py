"""Dropout."""

from __future__ import annotations

from ...language.catalogue.entries import Entry
from ..dims import ShapeError
from .base import Family, Outcome, Use, expect_float, expect_rank


class Dropout(Family):
    """Dropout of elements, or of whole channels in the 1d, 2d and 3d forms and in FeatureAlphaDropout."""

    def rule(self, use: Use) -> Outcome:
        expect_float(use)
        if use.entry.dims:
            expect_rank(use, (use.entry.dims + 2,))
        elif use.entry.name == "FeatureAlphaDropout" and len(use.input.dims) < 2:
            raise ShapeError("and it needs channels beside the batch")
        return Outcome((use.input,))

    def stem(self, entry: Entry) -> str:
        return "dropout"
