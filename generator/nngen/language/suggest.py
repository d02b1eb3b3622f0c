"""Suggestions for misspelt names."""

from __future__ import annotations

from collections.abc import Iterable

# names in other frameworks and papers; the first target that is a candidate is suggested
_ALIASES = {
    "activation": ("nonlinearity",),
    "adaptiveavgpool": ("AdaptiveAvgPool2d",),
    "alpha": ("negative_slope",),
    "averagepooling1d": ("AvgPool1d",),
    "averagepooling2d": ("AvgPool2d",),
    "beta1": ("betas",),
    "beta2": ("betas",),
    "categoricalcrossentropy": ("CrossEntropyLoss",),
    "channels": ("out_channels",),
    "classes": ("num_classes", "n_classes"),
    "concat": ("cat",),
    "concatenate": ("cat",),
    "conv1dtranspose": ("ConvTranspose1d",),
    "conv2dtranspose": ("ConvTranspose2d",),
    "crossentropy": ("CrossEntropyLoss",),
    "decay": ("weight_decay",),
    "deconv2d": ("ConvTranspose2d",),
    "dense": ("Linear",),
    "dilationrate": ("dilation",),
    "dimension": ("dim",),
    "axis": ("dim",),
    "dropout": ("p",),
    "dropoutrate": ("p", "dropout"),
    "droprate": ("p", "dropout"),
    "epsilon": ("eps",),
    "fc": ("Linear",),
    "features": ("out_features",),
    "filters": ("out_channels",),
    "fullyconnected": ("Linear",),
    "globalaveragepooling1d": ("AdaptiveAvgPool1d",),
    "globalaveragepooling2d": ("AdaptiveAvgPool2d",),
    "globalmaxpooling2d": ("AdaptiveMaxPool2d",),
    "heads": ("num_heads", "nhead"),
    "hiddendim": ("hidden_size", "out_features", "dim_feedforward"),
    "inputdim": ("num_embeddings",),
    "layers": ("num_layers",),
    "learningrate": ("lr",),
    "mae": ("L1Loss",),
    "maxpooling1d": ("MaxPool1d",),
    "maxpooling2d": ("MaxPool2d",),
    "mha": ("MultiheadAttention",),
    "mse": ("MSELoss",),
    "nheads": ("num_heads", "nhead"),
    "numheads": ("nhead",),
    "outputdim": ("embedding_dim", "out_features"),
    "poolsize": ("kernel_size",),
    "rate": ("p", "lr"),
    "swish": ("SiLU",),
    "units": ("out_features", "hidden_size"),
    "usebias": ("bias",),
    "vocabsize": ("num_embeddings",),
}

_LONGEST = 60  # no name of torch is longer; keeps a hostile file from costing time


def suggest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that was most likely meant, or None if no candidate is similar.

    Args:
        word: the name as written.
        candidates: the valid names; of equally similar ones the first wins.
    """
    names = list(dict.fromkeys(candidates))
    plain = _plain(word)
    if not plain or len(word) > _LONGEST:
        return None
    same = [name for name in names if _plain(name) == plain]
    if same:
        return min(same, key=lambda name: _distance(word, name))
    for target in _ALIASES.get(plain, ()):
        if target in names:
            return target
    return _nearest(word, names) or _part(plain, names)


def did_you_mean(nearest: str | None, otherwise: str = "", variable: bool = False) -> str:
    """Return the hint for a wrong name.

    Args:
        nearest: the name that was most likely meant, as `suggest` returns it.
        otherwise: the hint if there is no such name.
        variable: whether the name belongs to an expression, as in ``$width``.
    """
    if nearest is None:
        return otherwise
    return f"did you mean ${nearest}?" if variable else f"did you mean {nearest!r}?"


def _plain(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter not in "_- .")


def _nearest(word: str, names: list[str]) -> str | None:
    plain = _plain(word)
    near = []
    for name in names:
        other = _plain(name)
        longest = max(len(plain), len(other))
        allowed = min((longest + 1) // 3, longest - 1)  # one change in a word of 2 to 4 letters, two from 5 on
        if abs(len(plain) - len(other)) <= allowed and (distance := _distance(plain, other)) <= allowed:
            near.append((distance, _distance(word, name), plain[0] != other[0], *_rank(name), name))
    return min(near)[-1] if near else None


def _rank(name: str) -> tuple[bool, int]:
    """Return the sort key of equally similar names: 2d is meant most often, then the shorter name."""
    return name[-2:] in ("1d", "3d"), len(name)


def _part(plain: str, names: list[str]) -> str | None:
    """Return a name that contains the word, as 'kernel_size' contains 'kernel'."""
    if len(plain) < 4:
        return None
    holding = [name for name in names if plain in _plain(name)]
    return min(holding, key=lambda name: (not _plain(name).startswith(plain), *_rank(name)), default=None)


def _distance(left: str, right: str) -> int:
    """Return the number of insertions, deletions, substitutions and transpositions (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if last and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
