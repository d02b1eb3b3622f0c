"""What copier loads with the template: the answers become the code model that the templates print.

copier runs this file by its path, from the version of the template that it renders, and it uses the generator
beside it: an update renders the version from before with the generator from before.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from copier.errors import UserMessageError
from copier_template_extensions import ContextHook
from jinja2 import Environment, Template

# In this order the answers are recorded, whatever order they came in.
KEYS = (
    "name", "class", "task", "args", "input", "inputs", "blocks", "layers", "models", "outputs", "tie", "init",
    "loss", "optimizer", "scheduler", "metrics", "data", "training",
)  # fmt: skip


class NNGenExtension(ContextHook):
    """Gives the templates `project`, `package` and `answers`, and formats the Python files that come of them."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._package = _generator()
        self._seen: dict[str, Any] | None = None
        self._context: dict[str, Any] = {}
        # copier compiles the name of a folder anew for every file in it: a tenth of the time of a whole project
        environment.from_string = cache(environment.from_string)  # type: ignore[assignment]
        prepare(environment, self._package("delivery.formatting").formatted)
        self._package("delivery.compiled_templates").keep_compiled(environment)

    def hook(self, context: dict[str, Any]) -> None:
        """Adds to the context, which copier makes anew for every path and every file."""
        if context["_copier_phase"] != "render":
            return
        if context["_copier_answers"] != self._seen:
            self._context = self._plan(context["_copier_answers"], context["_copier_conf"]["data"])
            self._seen = context["_copier_answers"]
        context.update(self._context)

    def _plan(self, recorded: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        # keys that are no questions are passed on too, so that a misspelt one is reported
        raw = {key: value for key, value in {**given, **recorded}.items() if not key.startswith("_")}
        if not raw:
            raise UserMessageError("nngen needs a description; give it with --data-file FILE.yaml")
        load, errors, pipeline = (self._package(name) for name in ("language.load", "language.errors", "pipeline"))
        try:
            answers = load.plain(load.from_plain(raw))
            project = pipeline.plan_answers(raw)
        except errors.DescriptionError as error:
            raise UserMessageError(errors.report(error.problems, str(raw.get("name", "description")))) from None
        # a copy of nngen's own template comes with what it is a copy of
        origin = {key: given[key] for key in ("_commit", "_src_path") if key in given}
        bookkeeping = origin | {
            key: value for key, value in recorded.items() if key.startswith("_") and key not in origin
        }
        ordered = {key: answers[key] for key in KEYS if key in answers}
        return {"project": project, "package": project.name, "answers": ordered, "recorded": bookkeeping | ordered}


def _generator() -> Any:
    """A function that imports a module of the generator beside this file."""
    beside = Path(__file__).resolve().parent
    name = "nngen"
    if beside.parent.parent not in getattr(sys.modules.get(f"{name}.delivery.own_copy"), "SAME", ()):
        content = _content(beside)
        installed = importlib.util.find_spec(name)
        if installed is None or not installed.origin or _content(Path(installed.origin).parent) != content:
            name = f"nngen_{content}"
            if name not in sys.modules:
                _import_package(name, beside)
    return lambda module: importlib.import_module(f"{name}.{module}")


def _content(package: Path) -> str:
    """One hash for the files of a generator and its catalogue."""
    schemas = package / "schemas"
    if not schemas.is_dir():  # in a wheel it lies inside the package, in a checkout beside generator/
        schemas = package.parent.parent / "schemas"
    files = {path.relative_to(package).as_posix(): path for path in package.rglob("*.py")}
    files |= {f"schemas/{path.name}": path for path in schemas.glob("*.*")}
    digest = hashlib.sha256()
    for name in sorted(files):
        content = files[name].read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def _import_package(name: str, folder: Path) -> None:
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise UserMessageError(f"the template has no generator at {folder}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


_PYTHON = re.compile(
    r"(tests/)?(\w+)\.py(\{%[^%]*%\})?\.jinja$"
)  # behind the ending there may be a condition on the file
_IMPORTS = "# the imports of this module"


class _Complete(Template):
    """A template of a Python file puts the imports of the finished code where ``{{ imports }}`` stands."""

    def render(self, *arguments: Any, **named: Any) -> str:
        python = _PYTHON.search(self.name or "")
        if not python:
            return super().render(*arguments, **named)
        context = self.new_context(dict(*arguments, **named))
        try:
            text = self.environment.concat(self.root_render_func(context))
        except Exception:
            self.environment.handle_exception()
        if _IMPORTS in text:
            imports = context["project"].imports(text, python[2], is_test=bool(python[1]))
            text = text.replace(_IMPORTS, imports, 1)
        return text


def prepare(environment: Environment, formatted: Callable[[str], str] | None) -> None:
    """Make an environment print projects: it completes and formats Python files, and has the filters of templates.

    Args:
        environment: of the templates.
        formatted: gives the text of a Python file its layout; None leaves it as it is.
    """

    class Formatted(_Complete):  # parts that it includes come as they are
        def render(self, *arguments: Any, **named: Any) -> str:
            text = super().render(*arguments, **named)
            return formatted(text) if formatted and _PYTHON.search(self.name or "") else text

    environment.template_class = Formatted
    environment.globals["imports"] = _IMPORTS
    environment.filters["yaml_text"] = _yaml_text
    environment.filters["lines"] = _lines
    environment.filters["added"] = _added


def _lines(statements: Iterable[Any], width: int) -> str:
    """Return statements, each a text or a statement of the plan, as lines of code where the tag stands."""
    return f"\n{' ' * width}".join(_code(statements))


def _added(statements: Iterable[Any], width: int) -> str:
    """Return statements as lines of code that follow the line before, to which ``{{-`` goes back; there may be none."""
    return "".join(f"\n{' ' * width}{line}" for line in _code(statements))


def _code(statements: Iterable[Any]) -> Iterator[str]:
    for statement in statements:
        yield from [statement] if isinstance(statement, str) else statement.lines()


def _yaml_text(value: Any, flow: bool | None = None) -> str:
    """YAML as people write it: in the given order and without anchors.

    Args:
        value: plain values.
        flow: whether lists and mappings stand on one line; None: the innermost ones do.
    """
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    width = 100 if flow is None else 1000
    return yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, default_flow_style=flow, width=width)
