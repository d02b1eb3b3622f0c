"""Projects rendered in memory, as copier renders them: the one way in which tests get files without a process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conftest import ROOT
from nngen import pipeline
from nngen.copier_extension import KEYS, prepare
from nngen.delivery.formatting import formatted as by_black
from nngen.plan.project import Project

ANSWERS = ".copier-answers.yml"
TEMPLATES = ROOT / "templates/project"
Files = dict[str, str]  # by path


@cache
def environment(formatted: bool = True) -> Environment:
    """The environment of the templates, as copier.yml describes it; without black's layout it is much faster."""
    loader = FileSystemLoader([ROOT, TEMPLATES])
    options = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    made = Environment(loader=loader, undefined=StrictUndefined, **options)  # type: ignore[arg-type]
    made.from_string = cache(made.from_string)  # paths are templates too
    prepare(made, by_black if formatted else None)
    return made


@cache
def _paths() -> tuple[str, ...]:
    found = [path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*") if path.is_file()]
    return tuple(sorted(path.as_posix() for path in found if "__pycache__" not in path.parts))


def render(project: Project, answers: Mapping[str, Any], only: str = "", formatted: bool = True) -> Files:
    """Return the files of a project, architecture.yaml aside.

    Args:
        project: what the templates print.
        answers: the description, which is recorded.
        only: how the paths begin of the files that are wanted.
        formatted: whether Python files have black's layout.
    """
    ordered = {key: answers[key] for key in KEYS if key in answers}
    context = {
        "project": project,
        "package": project.name,
        "answers": ordered,
        "recorded": ordered,
        "_copier_conf": {"answers_file": ANSWERS},
    }
    files = {}
    for path in _paths():
        target = environment(formatted).from_string(path).render(context).removesuffix(".jinja")
        if target == "architecture.yaml" or not all(target.split("/")) or not target.startswith(only):
            continue  # a name that comes to nothing is no file
        raw = not path.endswith(".jinja")
        files[target] = (
            (TEMPLATES / path).read_text() if raw else environment(formatted).get_template(path).render(context)
        )
    return files


def render_text(text: str, record: Mapping[str, Any] | None = None, only: str = "", formatted: bool = True) -> Files:
    """Return the files of a description; its layers keep the names of the record.

    Raises:
        DescriptionError: when the description has mistakes.
    """
    checked = pipeline.read(text, record)
    return render(pipeline.plan(checked), pipeline.answers(checked), only, formatted)


def render_model(project: Any) -> str:
    """Return the text of ``model.py``; `project` needs only what that prints."""
    return environment().get_template("{{ project.name }}/model.py.jinja").render(project=project)
