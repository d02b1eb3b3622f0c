"""Tag sentences with a trained model:

    python -m my_tagger.predict  # some sentences of the test set
    python -m my_tagger.predict new.csv
    python -m my_tagger.predict --text "one sentence" "and another"

Prints one word per line with its tag, followed by the true one for the test set, and an
empty line after each sentence. Only the first 256 words of a sentence are used.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_model
from .data import Preprocessing, read_sentences, read_table, read_tags, split_indices


@torch.inference_mode()
def predict(model: nn.Module, x: Tensor) -> Tensor:
    """Return the index of the tag of each step."""
    model.eval()
    output: Tensor = model(x)
    return output.argmax(dim=2)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", nargs="?", help="a table like the training data")
    parser.add_argument("--text", nargs="+", help="sentences to tag instead")
    parser.add_argument("--checkpoint", type=Path, default=Path("runs/best.pt"))
    args = parser.parse_args(argv)

    model, checkpoint = load_model(args.checkpoint)
    preprocessing = Preprocessing(**checkpoint["preprocessing"])
    truth: list[list[str]] = []
    if args.text:
        sentences = [text.split() for text in args.text]
    elif args.table:
        sentences = read_sentences(read_table(args.table))
    else:
        table = read_table(checkpoint["config"]["data"])
        _, _, test = split_indices(len(table))
        table = table.iloc[test[:10].numpy()]
        sentences = read_sentences(table)
        truth = read_tags(table, sentences)
    predictions = predict(model, preprocessing.encode(sentences))
    for number, (words, tags) in enumerate(zip(sentences, predictions.tolist())):
        columns = [words, [preprocessing.classes[tag] for tag in tags]]
        if truth:
            columns.append(truth[number])
        for row in zip(*columns):  # this leaves out the tags of padding
            print(*row, sep="\t")
        print()


if __name__ == "__main__":
    main()
