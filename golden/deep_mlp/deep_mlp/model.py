"""The network: DeepMlp."""

from torch import Tensor, nn


class DeepMlp(nn.Module):
    """Maps (N, 64) to (N, num_classes).

    N is the batch size.
    """

    def __init__(self, num_classes: int = 10, dropout: float = 0.2) -> None:
        super().__init__()
        self.fc1 = nn.Linear(64, 256, bias=False)
        self.bn1 = nn.BatchNorm1d(256)
        self.relu1 = nn.ReLU()
        self.drop1 = nn.Dropout(dropout)
        self.fc2 = nn.Linear(256, 128, bias=False)
        self.bn2 = nn.BatchNorm1d(128)
        self.relu2 = nn.ReLU()
        self.drop2 = nn.Dropout(dropout)
        self.fc3 = nn.Linear(128, 64, bias=False)
        self.bn3 = nn.BatchNorm1d(64)
        self.relu3 = nn.ReLU()
        self.fc4 = nn.Linear(64, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x)  # (N, 256)
        x = self.bn1(x)
        x = self.relu1(x)
        x = self.drop1(x)
        x = self.fc2(x)  # (N, 128)
        x = self.bn2(x)
        x = self.relu2(x)
        x = self.drop2(x)
        x = self.fc3(x)  # (N, 64)
        x = self.bn3(x)
        x = self.relu3(x)
        x = self.fc4(x)  # (N, num_classes)
        return x
