"""Forecast with a trained model:

    python -m my_tcn_forecaster.predict  # what follows the end of the series
    python -m my_tcn_forecaster.predict new.csv

Prints the next 3 years, one per line.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_model
from .data import Preprocessing, last_window, load_series, read_series


@torch.inference_mode()
def predict(model: nn.Module, x: Tensor) -> Tensor:
    """Return the forecasts for windows, standardised."""
    model.eval()
    output: Tensor = model(x)
    return output


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", nargs="?", help=".csv file with rows in time order")
    parser.add_argument("--checkpoint", type=Path, default=Path("runs/best.pt"))
    args = parser.parse_args(argv)

    model, checkpoint = load_model(args.checkpoint)
    preprocessing = Preprocessing(**checkpoint["preprocessing"])
    series = read_series(args.table) if args.table else load_series()
    x = last_window(preprocessing.encode(series))
    forecast = preprocessing.decode(predict(model, x))[0]
    for step, value in enumerate(forecast.tolist(), start=1):
        print(f"{step}: {value:.4g}")


if __name__ == "__main__":
    main()
