"""What tests share: the checkout as a committed repository, and nngen run as a user runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

from in_project import run_module

# the same draws on every machine; a failure is everybody's
settings.register_profile("nngen", derandomize=True, deadline=None)
settings.load_profile("nngen")

ROOT = Path(__file__).resolve().parent.parent
NEEDED = (
    "copier.yml",
    "templates",
    "generator",
    "schemas",
    "pyproject.toml",
    "hatch_build.py",
    ".gitignore",
    "README.md",
)

MY_CNN = """\
# a comment of the author's
name: my_cnn
task: classification
input: [1, 8, 8]
layers:
  - Conv2d: {out_channels: 32, kernel_size: 3, padding: 1}
  - ReLU
  - MaxPool2d: 2
  - Conv2d: {out_channels: 64, kernel_size: 3, padding: 1}
  - ReLU
  - MaxPool2d: 2
  - Flatten
  - Linear: 128
  - ReLU
  - Linear: 10
data: digits
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 1e-3}}
training: {epochs: 10, batch_size: 64}
"""


def stricter(section: str) -> dict[str, str]:
    """What nngen refuses and torch accepts, with the reasons: a table of ``docs/stricter.md``."""
    page = (ROOT / "docs" / "stricter.md").read_text(encoding="utf-8")
    rows = page.partition(f"## {section}\n")[2].partition("\n## ")[0].splitlines()
    cells = [row.strip("| ").split(" | ") for row in rows if row.startswith("| ")]
    return {what.strip("`"): why for what, why in cells[2:]}


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def _denormals() -> Iterator[None]:
    """Emitted training in this process flushes numbers near zero; hypothesis does without that."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)


def git(*arguments: str, cwd: Path) -> str:
    """Runs git as a user of its own, with none of this machine's settings."""
    identity = {"NAME": "Author", "EMAIL": "author@example.com"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_{key}": value for key, value in identity.items()}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(["git", *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit_all(folder: Path, message: str = "a commit") -> None:
    """Commits what is in a folder, which becomes a repository when it is none."""
    if not (folder / ".git").exists():
        git("init", "--quiet", "--initial-branch=main", cwd=folder)
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--message", message, cwd=folder)


def copy_checkout(folder: Path) -> Path:
    """Copies what makes nngen, as it is in the working tree now, to a folder."""
    folder.mkdir(parents=True)
    for part in NEEDED:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        elif source.exists():
            shutil.copy(source, folder / part)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """All files of a folder by their relative path, git's own aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def run(
    *command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Runs a command with no input, and returns its result."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@pytest.fixture(scope="session")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """nngen's checkout as it is in the working tree, committed. Not to be changed."""
    folder = copy_checkout(tmp_path_factory.mktemp("checkout") / "nngen")
    commit_all(folder)
    trusted(folder)
    return folder


def trusted(template: Path) -> Path:
    """Lets the code of a template run in the tests of this process, as `--trust` does; returns it."""
    from nngen.delivery.trust import may_run

    assert may_run(str(template), True)
    return template


@pytest.fixture
def fork(tmp_path: Path) -> Path:
    """A copy of nngen's checkout to change; commit the changes."""
    return trusted(copy_checkout(tmp_path / "fork"))


@pytest.fixture
def nngen(repo: Path, tmp_path: Path) -> Run:
    """Runs nngen from the committed checkout, in a folder of the test's own."""

    def run_nngen(*arguments: str | Path, cwd: Path = tmp_path, **more: str) -> subprocess.CompletedProcess[str]:
        caches = {"XDG_CACHE_HOME": str(repo.parent / "cache")}
        environment = {"PYTHONPATH": str(repo / "generator"), "HOME": str(tmp_path), **caches, **more}
        return run_module("nngen", *arguments, cwd=cwd, environment=environment)

    return run_nngen


@pytest.fixture
def my_cnn(tmp_path: Path) -> Path:
    """A description in the test's own folder."""
    path = tmp_path / "my_cnn.yaml"
    path.write_text(MY_CNN, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def generated(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as nngen wrote it. Not to be changed."""
    folder = tmp_path_factory.mktemp("generated") / "my_cnn"
    from nngen import pipeline
    from nngen.delivery.new import write_new_project
    from nngen.delivery.template import Template

    answers = pipeline.answers(pipeline.read(MY_CNN))
    write_new_project(MY_CNN.encode(), answers, folder, Template(str(repo), "HEAD", code=True))
    return folder


@pytest.fixture
def project(generated: Path, tmp_path: Path) -> Path:
    """A project as it was generated, committed."""
    shutil.copytree(generated, tmp_path / "my_cnn")
    commit_all(tmp_path / "my_cnn", "as generated")
    return tmp_path / "my_cnn"


def pytest_configure() -> None:
    """Give torch one thread, since two workers with two each wait for each other more than they compute."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each of hundreds of processes compiles all of nngen
    os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="nngen-tests-")  # not this user's trusted templates


# what takes from ten seconds to minutes; begun last it would run alone at the end
SLOW = frozenset("""
    test_golden_runs test_emitted_matrix test_families test_stories test_triples test_typed_code test_packaging
    """.split())


def pytest_unconfigure() -> None:
    """Remove the configuration of the tests."""
    shutil.rmtree(os.environ["XDG_CONFIG_HOME"], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put slow tests first: at the beginning of each half, since two workers begin with a half each."""
    slow = [item for item in items if item.path.stem in SLOW]
    fast = [item for item in items if item.path.stem not in SLOW]
    middle = len(fast) // 2
    items[:] = [*slow[::2], *fast[:middle], *slow[1::2], *fast[middle:]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--draws", type=int, default=30, help="drawn configurations for each layer")


@pytest.fixture
def draws(request: pytest.FixtureRequest) -> int:
    """How many configurations to draw for each layer; ``make prove`` draws many."""
    return int(request.config.getoption("--draws"))
