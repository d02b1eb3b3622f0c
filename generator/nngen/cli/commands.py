"""The commands of ``nngen``, each of which imports what it needs, so that the others start fast."""

from __future__ import annotations

import gc
import io
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from .. import __version__
from ..language.errors import DescriptionError, Problem, problems_as_json, report
from ..paths import SCHEMA_NAME
from .outcomes import fail, tell_conflicts, update_each

if TYPE_CHECKING:
    pass

app = typer.Typer(
    help="From a YAML architecture description to a standalone PyTorch project.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Trust = Annotated[
    bool, typer.Option("--trust", help="Run the code of a template that is not nngen's own, now and from now on.")
]
Source = Annotated[
    str | None, typer.Option("--from-source", metavar="SOURCE", help="Where the template is by now, by path or URL.")
]
DescriptionFile = Annotated[Path, typer.Argument(metavar="FILE", help="The description, a YAML file.")]


def main() -> None:
    """Run the command line; every error ends in a message and an exit code."""
    gc.set_threshold(100_000)  # a command is short, and most of its objects live to its end
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may know ASCII alone
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except OSError as error:
        if os.environ.get("NNGEN_TRACEBACK"):
            raise
        _end_of(error)
    except Exception as error:
        if os.environ.get("NNGEN_TRACEBACK"):
            raise
        print(f"nngen: internal error: {type(error).__name__}: {error}", file=sys.stderr)
        print("This is a bug in nngen. Set NNGEN_TRACEBACK=1 to see where it happened.", file=sys.stderr)
        sys.exit(1)


def _end_of(error: OSError) -> NoReturn:
    """Say in one line that the output or the folder of this process is gone; commands tell of all others themselves."""
    gone = isinstance(error, FileNotFoundError) and error.filename is None
    reason = "the folder that this runs in is gone" if gone else f"cannot write the output: {error.strerror or error}"
    print(f"nngen: error: {reason}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(1)  # an ordinary exit would write the rest of the output, and fail again


def _show_version(value: bool) -> None:
    if value:
        print(f"nngen {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command()
def new(
    file: DescriptionFile,
    dest: Annotated[
        Path | None, typer.Argument(help="The project's folder, new or empty; by default named as the project.")
    ] = None,
    template: Annotated[
        str | None, typer.Option(help="Render another template repository, by URL or path, and update from there.")
    ] = None,
    trust: Trust = False,
) -> None:
    """Write a new project."""
    from .. import pipeline
    from ..delivery.new import write_new_project
    from ..delivery.template import foreign_template, own_template

    try:
        with _mistakes(file):
            content, checked = pipeline.read_file(file)  # every mistake is reported here, before anything is written
            pipeline.remember(checked)
            project = pipeline.plan(checked)
            folder = dest or Path(project.name)
            if os.path.realpath(folder) == os.getcwd():
                folder = Path.cwd()  # the folder that the shell is in gets replaced
            source = own_template() if template is None else foreign_template(template, trust)
            files, notes = write_new_project(content, pipeline.answers(checked), folder, source)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and error.filename is None:  # this process's own folder
            raise
        fail(f"cannot read {file}: {error.strerror}", 1)
    _warn(checked.warnings, file)
    for note in notes:
        print(f"nngen: note: {note}", file=sys.stderr)
    print(f"Wrote {files} files to {folder}. Next:\n")
    print(f"    cd {shlex.quote(f'./{folder}' if str(folder).startswith('-') else str(folder))}")
    print("    pip install -e .")
    print(f"    python -m {project.name}.train")
    print(f"    python -m {project.name}.evaluate\n")
    print("For completion and help in architecture.yaml, if your editor has yaml-language-server:\n")
    print(f"    nngen schema {SCHEMA_NAME}")


@app.command()
def update(
    projects: Annotated[
        list[Path] | None, typer.Argument(metavar="[DEST]...", help="The project's folder, or those of several.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    to: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Take this version of the template, not this nngen's own.")
    ] = None,
    take_back: Annotated[
        bool, typer.Option("--abort", help="Take an update with conflicts back, as git reset --merge does.")
    ] = False,
    below: Annotated[bool, typer.Option("--all", help="Update all projects in the folder and below it.")] = False,
    trust: Trust = False,
    from_source: Source = None,
) -> None:
    """Take a changed description or a newer nngen over into a project; edits stay."""
    from ..delivery.project import DESCRIPTION
    from ..delivery.update import abort
    from ..delivery.update import update as make

    dest, *others = projects or [Path(".")]
    if (others or below) and take_back:
        fail("--abort takes one project", 2)
    if others or below:
        one = partial(make, to=to, dry_run=dry_run, trust=trust, source=from_source)
        update_each([dest, *others], below, one, dry_run)
        return
    with _mistakes(dest / DESCRIPTION):
        if take_back:
            print(f"Took the update of {abort(dest)} files back; {DESCRIPTION} is as it was edited.")
            return
        result = make(dest, to, dry_run, trust, from_source)
    print(result.diff, end="")
    if result.weights:
        print(result.weights)
    for note in result.notes:
        print(f"nngen: note: {note}", file=sys.stderr)
    if result.conflicts:
        tell_conflicts(result, dry_run)
        raise typer.Exit(1)
    if not dry_run:
        print(f"Changed {len(result.changed)} files; git diff shows how." if result.changed else "Nothing to update.")
        if result.new:
            print(f"New, which git diff does not show: {', '.join(result.new)}.")


@app.command()
def status(
    dest: Annotated[Path, typer.Argument(help="The project's folder.")] = Path("."),
    trust: Trust = False,
    from_source: Source = None,
) -> None:
    """Show what was edited since generation, and what an update would do."""
    from ..delivery.project import DESCRIPTION
    from ..delivery.status import status as read_status

    with _mistakes(dest / DESCRIPTION):
        state = read_status(dest, trust, from_source)
    for note in state.notes:
        print(f"nngen: note: {note}", file=sys.stderr)
    print(f"Generated by version {state.made_by}.")
    _files("Edited since:", state.edited)
    if not state.edited:
        print("No generated file was edited.")
    if state.own:
        print(f"Files of your own: {state.own}.")
    pending = [
        *([f"version {state.newer}"] if state.newer else []),
        *(["a changed description"] if state.described else []),
    ]
    if not pending:
        print("Nothing waits for an update.")
        return
    print(f"Waiting for an update: {' and '.join(pending)}.")
    _files("It would make:", state.update)


@app.command()
def diff(
    dest: Annotated[Path, typer.Argument(help="The project's folder.")] = Path("."),
    update: Annotated[bool, typer.Option("--update", help="Show what an update would change instead.")] = False,
    trust: Trust = False,
    from_source: Source = None,
) -> None:
    """Show what was changed in generated files since they were generated."""
    from ..delivery import diff as made
    from ..delivery.project import DESCRIPTION

    with _mistakes(dest / DESCRIPTION):
        print((made.diff_of_update if update else made.diff)(dest, trust, from_source), end="")


@app.command()
def init(
    kind: Annotated[str | None, typer.Argument(help="The kind of network; without it they are listed.")] = None,
    file: Annotated[Path | None, typer.Argument(help="Where to write it; by default KIND.yaml.")] = None,
) -> None:
    """Write a commented description to start from."""
    from ..language.suggest import did_you_mean, suggest
    from . import examples as starting
    from . import schema

    kinds = starting.kinds()
    if kind is None:
        width = max(map(len, kinds))
        print("Networks to start from:")
        print("\n".join(f"  {name:{width}}  {title}" for name, title in kinds.items()))
        return
    if kind not in kinds:
        hint = did_you_mean(suggest(kind, kinds), f"there are {', '.join(kinds)}")
        fail(f"there is no example {kind!r}; {hint}", 2)
    path = file or Path(f"{kind}.yaml")
    if path.is_dir():
        fail(f"{path} is a directory; give the name of a file, such as {path / f'{kind}.yaml'}", 2)
    schema_file = path.with_name(SCHEMA_NAME)
    try:
        with path.open("x", encoding="utf-8") as opened:
            opened.write(f"{schema.modeline()}\n{starting.example(kind)}")
        if not schema_file.exists():
            schema_file.write_bytes(schema.path().read_bytes())
    except FileExistsError:
        fail(f"{path} is there already", 2)
    except OSError as error:
        fail(f"cannot write {path}: {error.strerror}", 1)
    print(f"Wrote {path}, and {schema_file} for your editor. Next: nngen check {shlex.quote(str(path))}")


@app.command()
def check(
    file: DescriptionFile,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Show every mistake of a description, or a table of its layers."""
    from .. import pipeline
    from .json import network_values
    from .table import table

    if str(file) == "-":
        file = Path("/dev/stdin")
    try:
        _, checked = pipeline.read_file(file)
    except DescriptionError as error:
        if as_json:
            _print_json(problems_as_json(error.problems))
            raise typer.Exit(2) from error
        _refuse(error, file)
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}", 1)
    if as_json:
        _print_json({"name": checked.description.name, **network_values(checked.network, checked.warnings)})
        return
    _warn(checked.warnings, file)
    print(table(checked.network))


@app.command()
def layers(
    name: Annotated[str | None, typer.Argument(help="The one to explain; without it all are listed.")] = None,
) -> None:
    """Show all layers, operations, losses, optimizers and schedulers, or explain one."""
    from ..language.suggest import did_you_mean
    from . import pages

    if name is None:
        print(pages.listing())
        return
    page = pages.page(name)
    if page is None:
        fail(f"there is no {name!r}; {did_you_mean(pages.nearest(name), 'nngen layers lists all')}", 2)
    print(page)


@app.command()
def schema(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; without it it is printed.")] = None,
    path: Annotated[bool, typer.Option("--path", help="Only say where it lies.")] = False,
) -> None:
    """Give the JSON Schema of descriptions: an editor completes and explains with it."""
    from . import schema

    if path or file is None:
        print(schema.path() if path else schema.path().read_text(encoding="utf-8"), end="\n" if path else "")
        return
    try:
        schema.write(file)
    except FileExistsError:
        fail(f"{file} is there already, and it is no JSON Schema", 2)
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror}", 1)
    print(f"Wrote {file}. A description beside it begins with the line\n\n    {schema.modeline(file.name)}")


@contextmanager
def _mistakes(file: Path) -> Iterator[None]:
    """End the command with a message and an exit code if a description or a folder is invalid."""
    from ..delivery.errors import DeliveryError, DestinationError

    try:
        yield
    except DescriptionError as error:
        _refuse(error, file)
    except DestinationError as error:
        fail(str(error), 2)
    except DeliveryError as error:
        fail(str(error), 1)


def _refuse(error: DescriptionError, file: Path) -> NoReturn:
    print(report(error.problems, str(file), _text(file)), file=sys.stderr)
    raise typer.Exit(2)


def _files(title: str, lines: tuple[tuple[str, str], ...]) -> None:
    from ..delivery.shown import shown

    lines = tuple((shown(path), text) for path, text in lines)
    width = max((len(path) for path, _ in lines), default=0)
    if lines:
        print("\n".join([title, *(f"    {path:{width}}  {text}" for path, text in lines)]))


def _warn(warnings: tuple[Problem, ...], file: Path) -> None:
    if warnings:
        print(report(warnings, str(file), _text(file)), file=sys.stderr)


def _print_json(values: dict[str, Any]) -> None:
    import json

    print(json.dumps(values, indent=2))


def _text(file: Path) -> str:
    """Return the text of a description's file, for the lines that a report shows."""
    try:
        with file.open("rb") as opened:
            return opened.read(1 << 20).decode("utf-8-sig", "replace")
    except OSError:  # a directory, or no file at all
        return ""
