"""Pictures of a run."""

from pathlib import Path

from matplotlib.figure import Figure


def plot_curves(history: list[dict[str, float]], path: Path) -> None:
    """Draw the losses and the validation bits per character over the epochs."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    losses, metric = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in history]
    for name in ("train_loss", "validation_loss"):
        losses.plot(epochs, [row[name] for row in history], label=name)
    losses.set(xlabel="epoch", ylabel="loss")
    losses.legend()
    metric.plot(epochs, [row["validation_bits_per_character"] for row in history])
    metric.set(xlabel="epoch", ylabel="validation bits per character")
    figure.savefig(path)
