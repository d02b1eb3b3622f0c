"""The tasks: which recipe a project follows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    default_loss: str


UNKNOWN = Task("", "")  # stands in after a mistake, so that the rest can be checked

TASKS = {
    task.name: task
    for task in (
        Task("classification", "CrossEntropyLoss"),
        Task("regression", "MSELoss"),
    )
}
