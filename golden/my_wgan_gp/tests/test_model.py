"""The network has the shape and the size that it was generated for, and it learns."""

import torch

from my_wgan_gp.evaluate import discriminator_loss, generator_loss
from my_wgan_gp.export import example
from my_wgan_gp.model import MyWganGp


def test_networks_fit_together() -> None:
    model = MyWganGp()
    samples = model(example(4))
    assert samples.shape == (4, 1, 8, 8)
    assert model.discriminator(samples).shape == (4, 1)


def test_number_of_parameters() -> None:
    parameters = MyWganGp().parameters()
    assert sum(parameter.numel() for parameter in parameters) == 169_281


def test_each_network_learns_against_the_other() -> None:
    torch.manual_seed(0)
    model = MyWganGp()
    generator, discriminator = model.generator, model.discriminator
    real, latent = torch.rand((8, 1, 8, 8)), example(8)

    def judge() -> torch.Tensor:
        fake = discriminator(generator(latent).detach())
        return discriminator_loss(discriminator(real), fake)

    def deceive() -> torch.Tensor:
        return generator_loss(discriminator(generator(latent)))

    for network, loss_function in ((discriminator, judge), (generator, deceive)):
        optimizer = torch.optim.Adam(network.parameters(), lr=0.0003)
        losses = []
        for _ in range(10):
            optimizer.zero_grad()
            loss = loss_function()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert min(losses) < losses[0]
