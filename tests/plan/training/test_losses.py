"""Every loss of torch in an emitted project: its value is torch's on the same numbers, and training makes it small."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from emitted import package
from nngen.language.catalogue.registry import catalogue

torch.set_num_threads(1)  # the networks are tiny

ONE = "layers: [{Linear: 16}, ReLU, {Linear: %d}%s]"
TWO = """\
layers:
  - Linear: 16
  - ReLU
  - branches:
      a: [{Linear: 4}%s]
      b: [{Linear: 4}%s]
outputs: [a, b]
"""
THREE = TWO.replace("outputs: [a, b]", "      c: [{Linear: 4}]\noutputs: [a, b, c]") % ("", "")
STEPS = "layers: [{LSTM: 8}, {Linear: 5}, {LogSoftmax: -1}]"

Given = Callable[[Any, Any], Tensor]  # outputs, and a batch with its targets

# what is described, and the same by hand: (network, loss, value)
CASES: dict[str, tuple[str, str, Given]] = {
    "CrossEntropyLoss": (
        ONE % (3, ""),
        "{CrossEntropyLoss: {weight: [1, 2, 3], label_smoothing: 0.1}}",
        lambda o, d: F.cross_entropy(o, d.y, weight=torch.tensor([1.0, 2.0, 3.0]), label_smoothing=0.1),
    ),
    "NLLLoss": (ONE % (3, ", {LogSoftmax: 1}"), "NLLLoss", lambda o, d: F.nll_loss(o, d.y)),
    "MultiMarginLoss": (ONE % (3, ""), "{MultiMarginLoss: {p: 2}}", lambda o, d: F.multi_margin_loss(o, d.y, p=2)),
    "BCEWithLogitsLoss": (
        ONE % (4, ""),
        "{BCEWithLogitsLoss: {pos_weight: [1, 2, 3, 4]}}",
        lambda o, d: F.binary_cross_entropy_with_logits(o, d.y, pos_weight=torch.tensor([1.0, 2.0, 3.0, 4.0])),
    ),
    "BCELoss": (ONE % (1, ", Sigmoid"), "BCELoss", lambda o, d: F.binary_cross_entropy(o, d.y)),
    "SoftMarginLoss": (ONE % (4, ""), "SoftMarginLoss", lambda o, d: F.soft_margin_loss(o, 2 * d.y - 1)),
    "MultiLabelSoftMarginLoss": (
        ONE % (4, ""),
        "MultiLabelSoftMarginLoss",
        lambda o, d: F.multilabel_soft_margin_loss(o, d.y),
    ),
    "MultiLabelMarginLoss": (
        ONE % (4, ""),
        "MultiLabelMarginLoss",
        lambda o, d: F.multilabel_margin_loss(o, d.y),
    ),
    "MSELoss": (ONE % (4, ""), "MSELoss", lambda o, d: F.mse_loss(o, d.y)),
    "L1Loss": (ONE % (4, ""), "{L1Loss: {reduction: sum}}", lambda o, d: F.l1_loss(o, d.y, reduction="sum")),
    "SmoothL1Loss": (ONE % (4, ""), "{SmoothL1Loss: {beta: 0.5}}", lambda o, d: F.smooth_l1_loss(o, d.y, beta=0.5)),
    "HuberLoss": (ONE % (4, ""), "{HuberLoss: {delta: 0.1}}", lambda o, d: F.huber_loss(o, d.y, delta=0.1)),
    "PoissonNLLLoss": (
        ONE % (4, ", Softplus"),
        "{PoissonNLLLoss: {log_input: false, full: true}}",
        lambda o, d: F.poisson_nll_loss(o, d.y, log_input=False, full=True),
    ),
    "KLDivLoss": (
        ONE % (4, ", {LogSoftmax: 1}"),
        "KLDivLoss",
        lambda o, d: (d.y * (d.y.clamp(min=1e-30).log() - o)).sum() / len(o),
    ),
    "GaussianNLLLoss": (
        TWO % ("", ", Softplus"),
        "{GaussianNLLLoss: {full: true}, from: [a, target, b]}",
        lambda o, d: F.gaussian_nll_loss(o[0], d.y, o[1], full=True),
    ),
    "HingeEmbeddingLoss": (
        ONE % (4, ", Softplus"),
        "{HingeEmbeddingLoss: {margin: 2.0}}",
        lambda o, d: F.hinge_embedding_loss(o, d.y, margin=2.0),
    ),
    "MarginRankingLoss": (
        TWO % ("", ""),
        "{MarginRankingLoss: {margin: 0.5}, from: [a, b, order]}",
        lambda o, d: F.margin_ranking_loss(o[0], o[1], d.y if hasattr(d, "y") else d.order, margin=0.5),
    ),
    "CosineEmbeddingLoss": (
        TWO % ("", ""),
        "{CosineEmbeddingLoss: {margin: 0.2}, from: [b, a, target]}",
        lambda o, d: F.cosine_embedding_loss(o[1], o[0], d.y, margin=0.2),
    ),
    "TripletMarginLoss": (
        THREE,
        "{TripletMarginLoss: {swap: true}, from: [a, b, c]}",
        lambda o, d: F.triplet_margin_loss(*o, swap=True),
    ),
    "TripletMarginWithDistanceLoss": (
        THREE,
        "{TripletMarginWithDistanceLoss: {margin: 0.5, distance_function: my_distances:city_block}, from: [a, b, c]}",
        lambda o, d: F.triplet_margin_with_distance_loss(
            *o, margin=0.5, distance_function=lambda x, y: (x - y).abs().sum(dim=1)
        ),
    ),
    "CTCLoss with another blank": (
        STEPS,
        "{CTCLoss: {blank: 2}, from: [output, words, steps, word_counts]}",
        lambda o, d: F.ctc_loss(o.transpose(0, 1), d.words, d.steps, d.word_counts, blank=2),
    ),
    "KLDivLoss of logarithms": (
        ONE % (4, ", {LogSoftmax: 1}"),
        "{KLDivLoss: {log_target: true}}",
        lambda o, d: (d.y.exp() * (d.y - o)).sum() / len(o),
    ),
    "CTCLoss": (
        STEPS,
        "{CTCLoss: {zero_infinity: true}, from: [output, words, steps, word_counts]}",
        lambda o, d: F.ctc_loss(o.transpose(0, 1), d.words, d.steps, d.word_counts, zero_infinity=True),
    ),
}
NOT_USED = {"NLLLoss2d"}  # deprecated: NLLLoss is the same


DISTANCE = """\
from torch import Tensor


def city_block(x: Tensor, y: Tensor) -> Tensor:
    return (x - y).abs().sum(dim=1)
"""


def text(name: str) -> str:
    network, loss, _ = CASES[name]
    shape = "[6, 8]" if network == STEPS else "[8]"
    return (
        f"name: net\ntask: supervised\ninput: {shape}\n{network}\ndata: {{synthetic: 200}}\n"
        f"loss: {loss}\noptimizer: {{Adam: {{lr: 0.01}}}}\n"
    )


def test_every_loss_is_here() -> None:
    assert {name.split()[0] for name in CASES} | set(LEARNING) | NOT_USED == set(catalogue().losses)


@pytest.mark.parametrize("name", CASES)
def test_its_value_is_torchs_and_training_makes_it_small(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_distances.py").write_text(DISTANCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    train = package(text(name), tmp_path, "net")
    monkeypatch.setattr(train, "plot_curves", lambda *_: None)
    data = train.load_data()[0]
    torch.manual_seed(0)
    model = train.Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    by_hand = CASES[name][2](model(data.x), data)
    recorded: list[Tensor] = []
    monkeypatch.setattr(torch.Tensor, "backward", lambda loss, *_: recorded.append(loss.detach()))
    with monkeypatch.context() as patch:  # one step of the emitted loop, on all samples in their order
        patch.setattr(torch, "randperm", torch.arange)
        train.train_one_epoch(model, data, optimizer, train.Config(batch_size=10_000))
    torch.testing.assert_close(recorded[0], by_hand)
    monkeypatch.undo()

    monkeypatch.setattr(train, "plot_curves", lambda *_: None)
    train.main(["--epochs=6", "--device=cpu", f"--out={tmp_path / 'runs'}"])
    torch.set_flush_denormal(False)
    history = train.load_checkpoint(tmp_path / "runs" / "last.pt")["history"]
    assert history[-1]["train_loss"] < history[0]["train_loss"]


# losses with weights of their own, and their value by hand
LEARNING: dict[str, tuple[str, Given]] = {
    "AdaptiveLogSoftmaxWithLoss": (
        "{n_classes: 9, cutoffs: [4], div_value: 2.0}",
        lambda loss, o: -loss.log_prob(o),
    ),
    "LinearCrossEntropyLoss": (
        "{num_classes: 9, bias: true}",
        lambda loss, o: -F.log_softmax(F.linear(o, loss.linear.weight, loss.linear.bias), dim=1),
    ),
}


@pytest.mark.parametrize(
    "rest",
    [
        "optimizer: {Adam: {lr: 0.01}}\ntraining: {clip_grad_norm: 1}",
        "optimizer: {Muon: {lr: 0.01}, rest: {SGD: {lr: 0.1, momentum: 0.5, weight_decay: 0.1}}, no_decay: bias}",
    ],
    ids=["one", "two"],
)
@pytest.mark.parametrize("name", LEARNING)
def test_a_loss_with_weights_learns_and_is_kept(
    name: str, rest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, by_hand = LEARNING[name]
    description = (
        "name: net\ntask: supervised\ninput: [8]\nlayers: [{Linear: 16}, ReLU, {Linear: 6}]\n"
        f"data: {{synthetic: 400}}\nloss: {{{name}: {arguments}}}\n{rest}\n"
    )
    train = package(description, tmp_path, "net")
    evaluate = importlib.import_module("net.evaluate")
    monkeypatch.setattr(train, "plot_curves", lambda *_: None)

    def run(*flags: str, out: str) -> dict[str, Any]:
        train.main(["--device=cpu", f"--out={tmp_path / out}", *flags])
        torch.set_flush_denormal(False)
        checkpoint: dict[str, Any] = train.load_checkpoint(tmp_path / out / "last.pt")
        return checkpoint

    first, whole = run("--epochs=1", out="first"), run("--epochs=3", out="whole")
    assert all(not torch.equal(value, first["loss"][key]) for key, value in whole["loss"].items())
    assert whole["history"][-1]["train_loss"] < whole["history"][0]["train_loss"]
    shutil.copytree(tmp_path / "first", tmp_path / "resumed")
    resumed = run("--epochs=3", "--resume", out="resumed")
    for part in ("model", "loss"):
        assert all(torch.equal(value, whole[part][key]) for key, value in resumed[part].items())

    capsys.readouterr()
    run("--epochs=1", out="other")  # what is in memory now is not what is evaluated
    monkeypatch.setattr("sys.argv", ["evaluate"])
    capsys.readouterr()
    evaluate.main([f"--checkpoint={tmp_path / 'whole' / 'last.pt'}", "--device=cpu"])
    printed = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    model = train.Net().eval()
    model.load_state_dict(whole["model"])
    test = train.load_data()[2]
    loss = next(each for each in evaluate.loss_function.modules() if type(each).__name__ == name)
    with torch.no_grad():
        value = by_hand(loss, model(test.x)).gather(1, test.y[:, None]).mean()
    assert float(printed["loss"]) == pytest.approx(value.item(), abs=1e-4)

    predict = importlib.import_module("net.predict")
    (probabilities,) = predict.predict(model, [test.x[:10]]).values()
    torch.testing.assert_close(probabilities, (-by_hand(loss, model(test.x[:10]))).exp().detach())
