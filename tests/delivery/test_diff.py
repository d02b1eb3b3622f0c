"""`nngen diff`: what a person changed in generated files, and what an update would change."""

from __future__ import annotations

from pathlib import Path

from conftest import Run, commit_all, files_of, git
from projects import describe, edit


def test_a_diff_shows_edits_of_generated_files_committed_or_not_and_nothing_else(nngen: Run, project: Path) -> None:
    assert nngen("diff", project).stdout == ""
    edit(project / "my_cnn/model.py", "        return x\n", "        return x  # mine\n")
    git("mv", "my_cnn/predict.py", "my_cnn/foretell.py", cwd=project)
    (project / "notes.md").write_text("mine\n")
    commit_all(project)
    edit(project / "my_cnn/train.py", "seed: int = 0", "seed: int = 7")
    describe(project, "Linear: 128", "Linear: 96")
    done = nngen("diff", cwd=project)
    assert done.returncode == 0, done.stderr
    changes = [line for line in done.stdout.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changes == [
        "-        return x",
        "+        return x  # mine",
        "-    seed: int = 0",
        "+    seed: int = 7",
    ]
    assert "rename from my_cnn/predict.py\nrename to my_cnn/foretell.py\n" in done.stdout
    assert "notes.md" not in done.stdout
    assert "architecture.yaml" not in done.stdout


def test_a_diff_of_the_update_needs_no_commit_and_changes_nothing(nngen: Run, project: Path) -> None:
    edit(project / "my_cnn/train.py", "seed: int = 0", "seed: int = 7")
    describe(project, "Linear: 128", "Linear: 96")
    before = files_of(project)
    done = nngen("diff", "--update", project)
    assert done.returncode == 0, done.stderr
    assert "\n+        self.fc1 = nn.Linear(64 * 2 * 2, 96)\n" in done.stdout
    assert "seed" not in done.stdout
    assert files_of(project) == before
