"""The goldens: whole projects that nngen must generate. Run as a script, it writes what nngen generates now."""

from __future__ import annotations

import subprocess
import tempfile
from difflib import unified_diff
from pathlib import Path

from conftest import ROOT, copy_checkout, files_of
from nngen import pipeline
from nngen.delivery.new import write_new_project
from nngen.delivery.template import Template

GOLDEN = ROOT / "golden"
ACCEPT = "make golden"
ANSWERS = ".copier-answers.yml"


def cases() -> list[str]:
    """The names of all goldens."""
    return sorted(path.parent.name for path in GOLDEN.glob("*/architecture.yaml"))


def template(folder: Path) -> Template:
    """The template as it is in the working tree; not in git, so that no commit is recorded."""
    return Template(str(copy_checkout(folder / "template")), code=True)


def generate(case: str, folder: Path, source: Template) -> dict[str, bytes]:
    """Generates a golden's project into a folder and returns its files."""
    content, checked = pipeline.read_file(GOLDEN / case / "architecture.yaml")
    write_new_project(content, pipeline.answers(checked), folder, source)
    files = files_of(folder)
    # where the template lay is no part of a golden
    lines = files[ANSWERS].splitlines(keepends=True)
    files[ANSWERS] = b"".join(line for line in lines if not line.startswith((b"_src_path:", b"_commit:")))
    return files


def expected(case: str) -> dict[str, bytes]:
    """What a golden holds; what its programs wrote when they were tried does not count."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."]
    listed = subprocess.run(command, cwd=GOLDEN / case, capture_output=True, text=True, check=True).stdout
    paths = (GOLDEN / case / name for name in listed.split("\0") if name)
    return {path.relative_to(GOLDEN / case).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def difference(case: str, generated: dict[str, bytes]) -> str:
    """How a golden and what was generated differ, for a person; nothing when they are the same."""
    wanted = expected(case)
    parts = [f"missing: golden/{case}/{name} is not generated any more\n" for name in sorted(wanted.keys() - generated)]
    parts += [f"extra: {name} is generated and is not in golden/{case}\n" for name in sorted(generated.keys() - wanted)]
    for name in sorted(wanted.keys() & generated):
        if wanted[name] != generated[name]:
            old, new = (side[name].decode().splitlines(keepends=True) for side in (wanted, generated))
            parts += unified_diff(old, new, f"golden/{case}/{name}", "generated now")
    return "".join(parts)


def write() -> None:
    """Makes every golden what nngen generates now."""
    with tempfile.TemporaryDirectory() as temporary:
        source = template(Path(temporary))
        for case in cases():
            generated = generate(case, Path(temporary) / case, source)
            before = expected(case)
            for name in before.keys() - generated:
                (GOLDEN / case / name).unlink()
            changed = {name for name in generated if before.get(name) != generated[name]}
            for name in changed:
                (GOLDEN / case / name).parent.mkdir(parents=True, exist_ok=True)
                (GOLDEN / case / name).write_bytes(generated[name])
            print(f"golden/{case}: {len(generated)} files, {len(changed | (before.keys() - generated))} changed")


if __name__ == "__main__":
    write()
