"""The network: MyVae."""

import torch
from torch import Tensor, nn


class Encoder(nn.Module):
    """Maps (N, 1, 8, 8) to (N, latent_dim), (N, latent_dim).

    N is the batch size.
    """

    def __init__(self, latent_dim: int = 6, hidden: int = 256) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(8 * 8, hidden)
        self.relu1 = nn.ReLU()
        self.fc2 = nn.Linear(hidden, hidden)
        self.relu2 = nn.ReLU()
        self.mu = nn.Linear(hidden, latent_dim)
        self.logvar = nn.Linear(hidden, latent_dim)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.flatten(x)  # (N, 64)
        x = self.fc1(x)  # (N, hidden)
        x = self.relu1(x)
        x = self.fc2(x)
        x = self.relu2(x)
        mu = self.mu(x)  # (N, latent_dim)
        logvar = self.logvar(x)
        return mu, logvar


class Decoder(nn.Module):
    """Maps (N, latent_dim) to (N, 1, 8, 8).

    N is the batch size.
    """

    def __init__(self, latent_dim: int = 6, hidden: int = 256) -> None:
        super().__init__()
        self.fc1 = nn.Linear(latent_dim, hidden)
        self.relu1 = nn.ReLU()
        self.fc2 = nn.Linear(hidden, hidden)
        self.relu2 = nn.ReLU()
        self.fc3 = nn.Linear(hidden, 64)
        self.unflatten = nn.Unflatten(1, (1, 8, 8))

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x)  # (N, hidden)
        x = self.relu1(x)
        x = self.fc2(x)
        x = self.relu2(x)
        x = self.fc3(x)  # (N, 64)
        x = self.unflatten(x)  # (N, 1, 8, 8)
        return x


class MyVae(nn.Module):
    """Maps (N, 1, 8, 8) to (N, 1, 8, 8), by way of a random point (N, latent_dim).

    N is the batch size.
    """

    def __init__(self, latent_dim: int = 6, hidden: int = 256) -> None:
        super().__init__()
        self.encoder = Encoder(latent_dim=latent_dim, hidden=hidden)
        self.decoder = Decoder(latent_dim=latent_dim, hidden=hidden)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mu, logvar = self.encoder(x)
        std = (0.5 * logvar).exp()
        latent = mu + std * torch.randn_like(std)
        return self.decoder(latent), mu, logvar
