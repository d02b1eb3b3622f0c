"""The imports that a piece of emitted code needs, found in the code itself.

So a template says what it does and never which names that takes.
"""

from __future__ import annotations

import symtable
import sys
from collections.abc import Mapping
from types import MappingProxyType

# where names come from that are not the project's own
_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("Callable", "Iterable", "Iterator", "Mapping", "Sequence"), "collections.abc"),
    "Counter": "collections",
    "cycle": "itertools",
    **dict.fromkeys(("asdict", "dataclass"), "dataclasses"),
    **dict.fromkeys(("cache", "partial"), "functools"),
    **dict.fromkeys(("Any", "NamedTuple"), "typing"),
    "topics": "pydoc_data.topics",
    "Path": "pathlib",
    "BadZipFile": "zipfile",
    "NDArray": "numpy.typing",
    "Figure": "matplotlib.figure",
    "Image": "PIL",
    "Tensor": "torch",
    "nn": "torch",
    **dict.fromkeys(("pack_padded_sequence", "pad_packed_sequence"), "torch.nn.utils.rnn"),
    **dict.fromkeys(("SWALR", "AveragedModel", "get_ema_multi_avg_fn"), "torch.optim.swa_utils"),
    **dict.fromkeys(("DataLoader", "Dataset", "default_collate"), "torch.utils.data"),
    **dict.fromkeys(("ConfusionMatrixDisplay", "f1_score", "precision_score", "recall_score"), "sklearn.metrics"),
    **dict.fromkeys(("load_diabetes", "load_digits"), "sklearn.datasets"),
    **dict.fromkeys(("elnino", "sunspots"), "statsmodels.datasets"),
    **dict.fromkeys(("CIFAR10", "MNIST", "FashionMNIST"), "torchvision.datasets"),
    "tqdm": "tqdm",
}
_MODULES: Mapping[str, str] = {
    **{name: name for name in ("argparse", "json", "math", "os", "pytest", "re", "tiktoken", "torch", "warnings")},
    "np": "numpy as np",
    "pd": "pandas as pd",
    "F": "torch.nn.functional as F",
}
_OF_DATA = """
    Batch CLASSES HORIZON IGNORED Preprocessing Split WINDOW collate decode encode last_window load_data load_series
    read_arrays read_image read_sentences read_series read_table read_tags seasonal_naive split_indices
""".split()
# names that many projects have, and the modules that hold them; a plan knows those of its task and its optimizer
_OWN: Mapping[str, str] = {
    **dict.fromkeys(("load_checkpoint", "load_matching", "load_model", "save_checkpoint"), "checkpoint"),
    **dict.fromkeys(_OF_DATA, "data"),
    **dict.fromkeys(("evaluate", "gradient_penalty", "loss_function"), "evaluate"),
    "Board": "board",
    **dict.fromkeys(("draw_confusion", "draw_forecasts", "draw_rows", "plot_curves"), "plots"),
    "generate": "predict",
}
_OWN_MODULES = ("checkpoint", "data", "evaluate", "export", "model", "predict", "train")


def import_lines(
    code: str,
    module: str,
    own: Mapping[str, str],
    others: Mapping[str, str] = MappingProxyType({}),
    package: str = "",
) -> str:
    """Return the imports that the code of a module of the project needs, in three groups with a line between them.

    Args:
        code: the module without its imports.
        module: its name, such as ``train``, whose own names it does not import.
        own: names of this project, and its modules that hold them.
        others: names that only this module uses, and the modules that hold them.
        package: the name of the project.
    """
    relative = {name: f".{where}" for name, where in {**_OWN, **own}.items() if where != module}
    return _lines(code, {**_NAMES, **relative, **others}, package)


def import_lines_of_test(code: str, package: str) -> str:
    """Return the imports that a module of the tests needs, which uses whole modules of the project."""
    return _lines(code, {**_NAMES, **dict.fromkeys(_OWN_MODULES, package)}, package)


def _lines(code: str, known: Mapping[str, str], package: str) -> str:
    plain: set[str] = set()
    members: dict[str, set[str]] = {}
    for name in _free_names(code):
        if name in known:
            members.setdefault(known[name], set()).add(name)
        elif name in _MODULES:
            plain.add(_MODULES[name])
    lines = [(module.split(" ")[0], f"import {module}") for module in sorted(plain)]
    lines += [
        (source, _from(source, names)) for source, names in sorted(members.items(), key=lambda item: item[0].lower())
    ]
    groups: tuple[list[str], ...] = ([], [], [])
    for source, line in lines:
        first = source.split(".")[0]  # nothing before the dot of a module of the project itself
        groups[0 if first in sys.stdlib_module_names else 2 if first in ("", package) else 1].append(line)
    return "\n\n".join("\n".join(group) for group in groups if group)


def _free_names(code: str) -> set[str]:
    """Names that are read and that nothing in the module binds."""
    top = symtable.symtable(code, "code", "exec")
    bound = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned()}
    read: set[str] = set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        read |= {each.get_name() for each in table.get_symbols() if each.is_referenced() and each.is_global()}
    return read - bound


def _from(source: str, names: set[str]) -> str:
    ordered = sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    return f"from {source} import {', '.join(ordered)}"
