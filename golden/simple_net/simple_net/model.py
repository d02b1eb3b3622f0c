"""The network: SimpleNet."""

from torch import Tensor, nn


class SimpleNet(nn.Module):
    """Maps (N, input_dim) to (N, output_dim).

    N is the batch size.
    """

    def __init__(
        self, input_dim: int = 64, hidden_dim: int = 128, output_dim: int = 10
    ) -> None:
        super().__init__()
        self.fc1 = nn.Linear(input_dim, hidden_dim)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden_dim, output_dim)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x)  # (N, hidden_dim)
        x = self.relu(x)
        x = self.fc2(x)  # (N, output_dim)
        return x
