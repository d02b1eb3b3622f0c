"""The network: MyUnetShapes."""

import torch
from torch import Tensor, nn


class DoubleConv(nn.Sequential):
    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
        )


class Up(nn.Module):
    def __init__(self, in_channels: int, skip_channels: int, channels: int) -> None:
        super().__init__()
        self.deconv = nn.ConvTranspose2d(in_channels, channels, kernel_size=2, stride=2)
        self.double_conv = DoubleConv(skip_channels + channels, channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = self.deconv(x)
        x = torch.cat([skip, x], dim=1)
        x = self.double_conv(x)
        return x


class MyUnetShapes(nn.Module):
    """Maps (N, 1, 32, 32) to (N, num_classes, 32, 32).

    N is the batch size.
    """

    def __init__(self, width: int = 12, num_classes: int = 4) -> None:
        super().__init__()
        self.double_conv1 = DoubleConv(1, width)
        self.pool1 = nn.MaxPool2d(2)
        self.double_conv2 = DoubleConv(width, 2 * width)
        self.pool2 = nn.MaxPool2d(2)
        self.double_conv3 = DoubleConv(2 * width, 4 * width)
        self.up1 = Up(4 * width, 2 * width, 2 * width)
        self.up2 = Up(2 * width, width, width)
        self.conv = nn.Conv2d(width, num_classes, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        skip1 = self.double_conv1(x)  # (N, width, 32, 32)
        x = self.pool1(skip1)  # (N, width, 16, 16)
        skip2 = self.double_conv2(x)  # (N, 2 * width, 16, 16)
        x = self.pool2(skip2)  # (N, 2 * width, 8, 8)
        x = self.double_conv3(x)  # (N, 4 * width, 8, 8)
        x = self.up1(x, skip2)  # (N, 2 * width, 16, 16)
        x = self.up2(x, skip1)  # (N, width, 32, 32)
        x = self.conv(x)  # (N, num_classes, 32, 32)
        return x
