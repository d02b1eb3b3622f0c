"""The network: MyConvAutoencoder."""

from torch import Tensor, nn


class Encoder(nn.Module):
    """Maps (N, 1, 8, 8) to (N, latent_dim).

    N is the batch size.
    """

    def __init__(self, latent_dim: int = 16, width: int = 16) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, kernel_size=3, padding=1)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, 2 * width, kernel_size=3, stride=2, padding=1)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(2 * width, 4 * width, kernel_size=3, stride=2, padding=1)
        self.relu3 = nn.ReLU()
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(4 * width * 2 * 2, latent_dim)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)  # (N, width, 8, 8)
        x = self.relu1(x)
        x = self.conv2(x)  # (N, 2 * width, 4, 4)
        x = self.relu2(x)
        x = self.conv3(x)  # (N, 4 * width, 2, 2)
        x = self.relu3(x)
        x = self.flatten(x)  # (N, 256)
        x = self.fc(x)  # (N, latent_dim)
        return x


class Decoder(nn.Module):
    """Maps (N, latent_dim) to (N, 1, 8, 8).

    N is the batch size.
    """

    def __init__(self, latent_dim: int = 16, width: int = 16) -> None:
        super().__init__()
        self.fc = nn.Linear(latent_dim, 4 * width * 2 * 2)
        self.relu1 = nn.ReLU()
        self.unflatten = nn.Unflatten(1, (4 * width, 2, 2))
        self.deconv1 = nn.ConvTranspose2d(
            4 * width, 2 * width, kernel_size=4, stride=2, padding=1
        )
        self.relu2 = nn.ReLU()
        self.deconv2 = nn.ConvTranspose2d(
            2 * width, width, kernel_size=4, stride=2, padding=1
        )
        self.relu3 = nn.ReLU()
        self.conv = nn.Conv2d(width, 1, kernel_size=3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc(x)  # (N, 256)
        x = self.relu1(x)
        x = self.unflatten(x)  # (N, 4 * width, 2, 2)
        x = self.deconv1(x)  # (N, 2 * width, 4, 4)
        x = self.relu2(x)
        x = self.deconv2(x)  # (N, width, 8, 8)
        x = self.relu3(x)
        x = self.conv(x)  # (N, 1, 8, 8)
        return x


class MyConvAutoencoder(nn.Module):
    """Maps (N, 1, 8, 8) to (N, 1, 8, 8), by way of (N, latent_dim).

    N is the batch size.
    """

    def __init__(self, latent_dim: int = 16, width: int = 16) -> None:
        super().__init__()
        self.encoder = Encoder(latent_dim=latent_dim, width=width)
        self.decoder = Decoder(latent_dim=latent_dim, width=width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.encoder(x)  # (N, latent_dim)
        x = self.decoder(x)  # (N, 1, 8, 8)
        return x
