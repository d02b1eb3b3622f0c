"""The network: MyCnn."""

from torch import Tensor, nn


class MyCnn(nn.Module):
    """Maps (N, 1, 8, 8) to (N, 10).

    N is the batch size.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3, padding=1)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(64 * 2 * 2, 128)
        self.relu3 = nn.ReLU()
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)  # (N, 32, 8, 8)
        x = self.relu1(x)
        x = self.pool1(x)  # (N, 32, 4, 4)
        x = self.conv2(x)  # (N, 64, 4, 4)
        x = self.relu2(x)
        x = self.pool2(x)  # (N, 64, 2, 2)
        x = self.flatten(x)  # (N, 256)
        x = self.fc1(x)  # (N, 128)
        x = self.relu3(x)
        x = self.fc2(x)  # (N, 10)
        return x
