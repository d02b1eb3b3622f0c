"""The network: TwoHeads."""

import torch
from torch import Tensor, nn


class TwoHeads(nn.Module):
    """Maps (N, 12), (N, 2) to (N, num_classes), (N, 3).

    N is the batch size.
    """

    def __init__(self, hidden_dim: int = 64, num_classes: int = 4) -> None:
        super().__init__()
        self.embedding = nn.Embedding(6, 4)
        self.trunk = nn.Sequential(
            nn.Linear(20, hidden_dim),
            nn.ReLU(),
            nn.Linear(hidden_dim, hidden_dim),
            nn.ReLU(),
        )
        self.class_head = nn.Linear(hidden_dim, num_classes)
        self.number_head = nn.Linear(hidden_dim, 3)

    def forward(self, measurements: Tensor, kinds: Tensor) -> tuple[Tensor, Tensor]:
        x = self.embedding(kinds)  # (N, 2, 4)
        x = x.flatten(1)  # (N, 8)
        x = torch.cat([measurements, x], dim=1)  # (N, 20)
        features = self.trunk(x)  # (N, hidden_dim)
        classes = self.class_head(features)  # (N, num_classes)
        numbers = self.number_head(features)  # (N, 3)
        return classes, numbers
