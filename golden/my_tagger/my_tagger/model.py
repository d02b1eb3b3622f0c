"""The network: MyTagger."""

from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class MyTagger(nn.Module):
    """Maps (N, time) to (N, time, num_tags).

    N is the batch size; time varies.
    """

    def __init__(
        self,
        vocab_size: int = 200,
        embedding_dim: int = 16,
        hidden_size: int = 32,
        num_tags: int = 9,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.drop1 = nn.Dropout(dropout)
        self.lstm = nn.LSTM(
            embedding_dim, hidden_size, batch_first=True, bidirectional=True
        )
        self.drop2 = nn.Dropout(dropout)
        self.fc = nn.Linear(2 * hidden_size, num_tags)

    def forward(self, input: Tensor) -> Tensor:
        lengths = (input != 0).sum(dim=1)  # (N,)
        x: Tensor = self.embedding(input)  # (N, time, embedding_dim)
        x = self.drop1(x)
        packed = pack_padded_sequence(
            x, lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        packed, _ = self.lstm(packed)  # (N, max_lengths, 2 * hidden_size)
        x = pad_packed_sequence(packed, batch_first=True, total_length=input.size(1))[0]
        x = self.drop2(x)
        x = self.fc(x)  # (N, time, num_tags)
        return x
