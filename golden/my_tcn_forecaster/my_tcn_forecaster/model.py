"""The network: MyTcnForecaster."""

import torch.nn.functional as F
from torch import Tensor, nn


class CausalConv(nn.Module):
    def __init__(
        self, in_channels: int, channels: int, kernel_size: int, dilation: int = 1
    ) -> None:
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv = nn.Conv1d(in_channels, channels, kernel_size, dilation=dilation)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (self.left, 0))
        x = self.conv(x)
        x = self.relu(x)
        return x


class MyTcnForecaster(nn.Module):
    """Maps (N, 1, 22) to (N, horizon).

    N is the batch size.
    """

    def __init__(
        self, channels: int = 32, depth: int = 3, kernel_size: int = 3, horizon: int = 3
    ) -> None:
        super().__init__()
        in_channels = 1
        convs: list[nn.Module] = []
        for i in range(depth):
            conv = CausalConv(in_channels, channels, kernel_size, dilation=2**i)
            convs.append(conv)
            in_channels = channels
        self.convs = nn.Sequential(*convs)
        self.fc = nn.Linear(in_channels, horizon)

    def forward(self, x: Tensor) -> Tensor:
        x = self.convs(x)  # (N, 32, 22)
        x = x[:, :, -1]  # (N, 32)
        x = self.fc(x)  # (N, horizon)
        return x
