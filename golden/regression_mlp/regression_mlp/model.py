"""The network: RegressionMlp."""

from torch import Tensor, nn


class RegressionMlp(nn.Module):
    """Maps (N, 10) to (N, 1).

    N is the batch size.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(10, 64)
        self.relu1 = nn.ReLU()
        self.dropout = nn.Dropout(0.2)
        self.fc2 = nn.Linear(64, 32)
        self.relu2 = nn.ReLU()
        self.fc3 = nn.Linear(32, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x)  # (N, 64)
        x = self.relu1(x)
        x = self.dropout(x)
        x = self.fc2(x)  # (N, 32)
        x = self.relu2(x)
        x = self.fc3(x)  # (N, 1)
        return x
