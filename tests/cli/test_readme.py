"""What README.md shows is real: files as they are in the repo, output of commands as they print it.

``make readme`` puts the present content in.
"""

from __future__ import annotations

import os
import re
import shlex
import sys

from conftest import ROOT, run

BLOCK = re.compile(r"(<!-- (file|output): (.+?) -->\n```\w+\n)(.*?)(```)", re.DOTALL)


def content(kind: str, what: str) -> str:
    if kind == "file":
        return (ROOT / what).read_text()
    command = shlex.split(what)
    assert command[0] == "nngen"
    done = run(sys.executable, "-m", *command, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_blocks_of_the_readme_are_real() -> None:
    path = ROOT / "README.md"
    text = path.read_text()
    assert len(BLOCK.findall(text)) >= 4
    real = BLOCK.sub(lambda match: match[1] + content(match[2], match[3]).rstrip("\n") + "\n" + match[5], text)
    if os.environ.get("NNGEN_ACCEPT"):
        path.write_text(real)
    assert path.read_text() == real, "run `make readme`"


def test_links_lead_somewhere() -> None:
    for page in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text()):
            assert "://" in target or (ROOT / target).exists(), f"{page}: {target}"
