"""Continue a text with a trained model:

    python -m tiny_gpt.predict
    python -m tiny_gpt.predict --prompt "The " --temperature 0.5 --top-k 10

Prints the prompt and what follows it.
"""

import argparse
import math
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_model
from .data import WINDOW, decode, encode, load_data


@torch.inference_mode()
def generate(
    model: nn.Module,
    prompt: Tensor,
    count: int,
    temperature: float = 0.8,
    top_k: int = 0,
    seed: int = 0,
) -> Tensor:
    """Return a prompt, (tokens,), followed by `count` new tokens.

    A temperature below 1 makes likely tokens likelier; at 0 the likeliest is taken.
    With top_k, only that many of the likeliest tokens can be drawn.
    """
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    tokens = prompt
    for _ in range(count):
        scores = model(tokens[-WINDOW:].unsqueeze(0))[0, -1].float().cpu()
        if 0 < top_k < len(scores):
            scores[scores < scores.topk(top_k).values[-1]] = -math.inf
        if temperature > 0:
            probabilities = ((scores - scores.max()) / temperature).softmax(dim=0)
            token = torch.multinomial(probabilities, 1, generator=generator)
        else:
            token = scores.argmax(dim=0, keepdim=True)
        tokens = torch.cat([tokens, token.to(tokens.device)])
    return tokens


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prompt", help="default: the beginning of the test set")
    parser.add_argument("--length", type=int, default=500, help="tokens to write")
    parser.add_argument(
        "--temperature", type=float, default=0.8, help="0 takes the likeliest token"
    )
    parser.add_argument("--top-k", type=int, default=0, help="0 allows all tokens")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoint", type=Path, default=Path("runs/best.pt"))
    args = parser.parse_args(argv)
    if not args.temperature >= 0:
        parser.error("--temperature must not be negative")
    if args.prompt == "":
        parser.error("--prompt must not be empty")

    model, _ = load_model(args.checkpoint)
    if args.prompt is not None:
        prompt = encode(args.prompt)
    else:
        _, _, test = load_data()
        prompt = test.x[0]
    tokens = generate(
        model, prompt, args.length, args.temperature, args.top_k, args.seed
    )
    print(decode(tokens))


if __name__ == "__main__":
    main()
