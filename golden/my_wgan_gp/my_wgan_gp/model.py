"""The network: MyWganGp."""

from torch import Tensor, nn


class Generator(nn.Module):
    """Maps (N, latent_dim) to (N, 1, 8, 8).

    N is the batch size.
    """

    def __init__(self, latent_dim: int = 16, width: int = 256) -> None:
        super().__init__()
        self.fc1 = nn.Linear(latent_dim, width)
        self.relu1 = nn.ReLU()
        self.fc2 = nn.Linear(width, width)
        self.relu2 = nn.ReLU()
        self.fc3 = nn.Linear(width, 64)
        self.sigmoid = nn.Sigmoid()
        self.unflatten = nn.Unflatten(1, (1, 8, 8))

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x)  # (N, width)
        x = self.relu1(x)
        x = self.fc2(x)
        x = self.relu2(x)
        x = self.fc3(x)  # (N, 64)
        x = self.sigmoid(x)
        x = self.unflatten(x)  # (N, 1, 8, 8)
        return x


class Discriminator(nn.Module):
    """Maps (N, 1, 8, 8) to (N, 1).

    N is the batch size.
    """

    def __init__(self, width: int = 256) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(8 * 8, width)
        self.leaky_relu1 = nn.LeakyReLU(0.2)
        self.fc2 = nn.Linear(width, width)
        self.leaky_relu2 = nn.LeakyReLU(0.2)
        self.fc3 = nn.Linear(width, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.flatten(x)  # (N, 64)
        x = self.fc1(x)  # (N, width)
        x = self.leaky_relu1(x)
        x = self.fc2(x)
        x = self.leaky_relu2(x)
        x = self.fc3(x)  # (N, 1)
        return x


class MyWganGp(nn.Module):
    """A generator of samples, and the discriminator that it is trained against."""

    def __init__(self, latent_dim: int = 16, width: int = 256) -> None:
        super().__init__()
        self.generator = Generator(latent_dim=latent_dim, width=width)
        self.discriminator = Discriminator(width=width)

    def forward(self, latent: Tensor) -> Tensor:
        x: Tensor = self.generator(latent)  # (N, 1, 8, 8)
        return x
