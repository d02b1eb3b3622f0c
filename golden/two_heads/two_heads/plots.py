"""Pictures of a run."""

from pathlib import Path

from matplotlib.figure import Figure


def plot_curves(history: list[dict[str, float]], path: Path) -> None:
    """Draw the losses over the epochs."""
    figure = Figure(figsize=(5, 3.5), layout="constrained")
    losses = figure.subplots()
    epochs = [row["epoch"] for row in history]
    for name in ("train_loss", "validation_loss"):
        losses.plot(epochs, [row[name] for row in history], label=name)
    losses.set(xlabel="epoch", ylabel="loss")
    losses.legend()
    figure.savefig(path)
