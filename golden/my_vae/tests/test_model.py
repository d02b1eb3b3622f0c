"""The network has the shape and the size that it was generated for, and it learns."""

import torch

from my_vae.evaluate import kl_divergence, loss_function
from my_vae.export import example
from my_vae.model import MyVae


def test_outputs_have_the_described_shapes() -> None:
    x = torch.rand((4, 1, 8, 8))
    outputs = MyVae()(x)
    latent = (4, 6)
    assert [output.shape for output in outputs] == [x.shape, latent, latent]
    assert MyVae().decoder(example(4)).shape == x.shape


def test_number_of_parameters() -> None:
    parameters = MyVae().parameters()
    assert sum(parameter.numel() for parameter in parameters) == 169_548


def test_learns_one_batch() -> None:
    torch.manual_seed(0)
    model = MyVae()
    x = torch.rand((4, 1, 8, 8))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = loss_function(*model(x), x)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert min(losses) < losses[0]


def test_the_kl_divergence_is_that_of_torch() -> None:
    mu, logvar = torch.randn(2, 8, 3)
    points = torch.distributions.Normal(mu, (0.5 * logvar).exp())
    normal = torch.distributions.Normal(0.0, 1.0)
    expected = torch.distributions.kl_divergence(points, normal).sum(dim=1).mean()
    torch.testing.assert_close(kl_divergence(mu, logvar), expected)
