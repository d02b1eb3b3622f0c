"""Rules for names in emitted code, and automatic names of layers."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterable

MAX_LENGTH = 60

_DEPENDENCIES = frozenset("""
    black copier matplotlib mypy nngen numpy pandas PIL pip pytest ruff scipy setuptools sklearn statsmodels
    tensorboard tiktoken torch torchvision tqdm
    """.split())
# names that the emitted project's own files use; a class of the same name would hide them
_CLASSES = frozenset("""
    Tensor Config Split Preprocessing Figure NamedTuple NDArray Path Any Module Parameter DataLoader Dataset
    AveragedModel SWALR Image Iterable Iterator Sequence Callable Mapping Batch Loss BadZipFile Board Counter
    ConfusionMatrixDisplay NegativeELBO SummaryWriter MNIST FashionMNIST CIFAR10 CHARACTERS CLASSES CODES HORIZON
    IGNORED LENGTH TARGET TEXT VOCABULARY WINDOW
    """.split())
_FOLDERS = frozenset("""
    data test tests docs build dist src runs
    """.split())

# attributes of nn.Module itself, which a layer or an argument of the same name would overwrite
MODULE_ATTRIBUTES = frozenset("""
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu
    load_state_dict modules mtia named_buffers named_children named_modules named_parameters parameters
    register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
    to_empty train training type xpu zero_grad
    """.split())
_BUILTINS = frozenset("""
    int float bool str len min max abs round range super self tuple list dict print
    """.split())
_IMPORTED = frozenset("""
    torch nn functional math Tensor
    """.split())


# names that model.py itself uses
_IN_MODEL = frozenset(("Tensor", "F"))
# names in the emitted functions that make optimizers, schedulers and losses
_IN_TRAINING = frozenset("""
    optimizer warmup epoch epochs step steps steps_per_epoch cycle iterations make_scheduler make_optimizer
    make_optimizers model Optimizer loss_function evaluate
    """.split())
# modules of the emitted tests
_TESTS = frozenset("conftest test_commands test_data test_model test_train".split())


def class_name(name: str) -> str:
    """Return the name of the class for a snake-case name: ``my_cnn`` gives ``MyCnn``."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def snake(name: str) -> str:
    """Return a class name in snake case: ``EncoderBlock`` gives ``encoder_block``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def project_name_problem(name: object) -> str | None:
    """Return the reason why a value cannot be the project's name, or None."""
    problem = identifier_problem(name)
    if problem or not isinstance(name, str):
        return problem
    if name in sys.stdlib_module_names or name.lower() in sys.stdlib_module_names:
        return f"{name!r} is a module of Python's standard library"
    if name.lower() in {dependency.lower() for dependency in _DEPENDENCIES}:
        return f"{name!r} is a package that the project uses"
    if name.endswith("_"):
        return f"{name!r} ends in '_', which no package may"
    if name in _TESTS:
        return f"{name!r} is a file of the project's tests"
    if name.lower() in _FOLDERS:
        return f"{name!r} is a folder of the project"
    if _is_used(class_name(name)):
        return f"its class would be {class_name(name)!r}, which the project uses for something else"
    return None


def network_class_problem(name: object) -> str | None:
    """Return the reason why a value cannot be the name of the network's class, or None."""
    problem = class_problem(name, "a class")
    if problem is None and _is_used(str(name)):
        return f"{name!r} is used for something else in the project"
    return problem


def _is_used(name: str) -> bool:
    return name in _CLASSES or hasattr(builtins, name)


def identifier_problem(name: object) -> str | None:
    """Return the reason why a value cannot be a name in Python code, or None."""
    if not isinstance(name, str):
        return f"expected a name, not {name!r}"
    shown = repr(name if len(name) <= MAX_LENGTH else name[:MAX_LENGTH] + "...")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        return f"{shown} is no name: letters, digits and _ only, a letter first"
    if len(name) > MAX_LENGTH:
        return f"{shown} is longer than {MAX_LENGTH} characters"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return f"{shown} is a word of Python"
    return None


def class_problem(name: object, noun: str = "a block") -> str | None:
    """Return the reason why a value cannot be the class name of a block or a model, or None.

    Args:
        name: the value.
        noun: the thing that is named, with its article, for the message.
    """
    problem = identifier_problem(name)
    if problem or not isinstance(name, str):
        return problem
    if not name[0].isupper():
        return f"{name!r} is no name of {noun}: it begins with a capital letter, as classes do"
    if name in _IN_MODEL:
        return f"{name!r} is taken in the emitted code"
    return None


def variable_problem(name: object) -> str | None:
    """Return the reason why a value cannot be the name of a tensor, or None."""
    problem = identifier_problem(name)
    if problem is None and (name in _BUILTINS or name in _IMPORTED or name in _IN_MODEL):
        return f"{name!r} is taken in the emitted code"
    return problem


def function_problem(name: object) -> str | None:
    """Return the reason why a function of the author cannot have this name in the training code, or None."""
    problem = variable_problem(name)
    if problem is None and name in _IN_TRAINING:
        return f"{name!r} is taken in the emitted code"
    return problem


def attribute_problem(name: object) -> str | None:
    """Return the reason why a value cannot be the name of a layer or of an argument of the model, or None."""
    problem = identifier_problem(name)
    if problem:
        return problem
    if name in MODULE_ATTRIBUTES:
        return f"{name!r} is taken by nn.Module"
    if name in _BUILTINS or name in _IMPORTED:
        return f"{name!r} is taken in the emitted code"
    return None


def taken(kind: str) -> list[str]:
    """Return the reserved names of a kind, ``attribute``, ``variable`` or ``project``, for the JSON Schema.

    Modules of Python's standard library are left out, because they differ between versions.
    """
    words = {
        "attribute": MODULE_ATTRIBUTES | _BUILTINS | _IMPORTED,
        "variable": _BUILTINS | _IMPORTED | _IN_MODEL,
        "project": _DEPENDENCIES | _TESTS | _FOLDERS,
    }
    return sorted({*keyword.kwlist, *words[kind]})


def identifier_from(text: str) -> str:
    """Return the valid name that is closest to a text, for suggestions; "" if there is none."""
    words = re.findall(r"[A-Za-z0-9]+", text)
    return re.sub(r"^[0-9_]+", "", "_".join(words).lower())[:MAX_LENGTH]


def number_names(stems: Iterable[str], taken: Collection[str], kept: Collection[str] = ()) -> list[str]:
    """Return an automatic name for each stem: ``relu`` for a single one, ``conv1`` and ``conv2`` for two.

    Args:
        stems: the beginnings of the names.
        taken: names that are in use already.
        kept: automatic names of an earlier version, whose numbering the new names continue.
    """
    stems = list(stems)
    used = {*taken, *kept} | MODULE_ATTRIBUTES | _BUILTINS | _IMPORTED
    number = {stem: _last_number(stem, kept) for stem in set(stems)}
    several = {stem for stem, count in Counter(stems).items() if count > 1 or number[stem]}
    chosen: list[str] = []
    for stem in stems:
        name = stem
        while name in used or (name == stem and stem in several):
            number[stem] += 1
            name = numbered(stem, number[stem])
        used.add(name)
        chosen.append(name)
    return chosen


def numbered(stem: str, number: int) -> str:
    """Return a stem followed by a number: ``conv2``, or ``relu6_2`` after a digit."""
    return f"{stem}{'_' if stem[-1].isdigit() else ''}{number}"


def number_of(name: str, stem: str) -> int | None:
    """Return the number of an automatic name, 1 where it has none; None when it does not begin with the stem."""
    if name == stem:
        return 1
    digits = name.removeprefix(numbered(stem, 0)[:-1])
    return int(digits) if digits != name and digits.isdecimal() else None


def _last_number(stem: str, kept: Collection[str]) -> int:
    return max((number_of(name, stem) or 0 for name in kept), default=0)
