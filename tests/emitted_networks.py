"""Small networks for the cases of emitted projects, as parts of descriptions."""

MLP = "layers: [{Linear: 16}, BatchNorm1d, ReLU, Dropout, {Linear: %d}]"
CNN = "layers: [{Conv2d: {out_channels: 4, kernel_size: 3}}, ReLU, {AdaptiveAvgPool2d: 1}, Flatten, {Linear: %d}]"
ONE = """layers:
  - Linear: 6
    as: a
  - Embedding: 3
    from: words
  - flatten: 1
  - Linear: 6
  - add: a
  - ReLU
  - Linear: %d
"""
TWO = ONE + "    as: classes\n  - {Linear: 3, from: a, as: box}\noutputs: [classes, box]"
VAE = """models:
  Encoder:
    input: %s
    layers:
      - Flatten
      - Linear: 16
      - ReLU
      - branches: {mu: [Linear: 3], logvar: [Linear: 3]}
    outputs: [mu, logvar]
  ImageDecoder:
    input: [3]
    layers: [{Linear: %d}, {Unflatten: {dim: 1, unflattened_size: %s}}]
"""
CONV = "{Conv2d: {out_channels: %d, kernel_size: 3, padding: 1}}"
FCN = f"layers: [{CONV % 4}, ReLU, BatchNorm2d, {{Conv2d: {{out_channels: %d, kernel_size: 1}}}}]\n"
TWO_INPUTS = "\n  numbers: [5]\n  words: {shape: [4], dtype: int64, high: 9}"
TOKENS = "{shape: [time], dtype: int64, high: %d}"
RNN = "layers: [{Embedding: 8}, {LSTM: 16}, {Linear: %d}]"
GPT = """layers:
  - Embedding: 16
    as: tokens
  - arange: $tokens.size(1)
  - Embedding: {num_embeddings: 12, embedding_dim: 16}
  - add: tokens
  - residual: [{LayerNorm: {eps: 1e-6}}, {Linear: 32}, GELU, {Linear: 16}]
  - Linear: 50257
"""
GAN = (
    "models:\n  Critic:\n    input: [1, 8, 8]\n    layers: [Flatten, Linear: 16, {LeakyReLU: 0.2}, Linear: 1]\n"
    "  Maker:\n    input: [4]\n    layers:\n      - Linear: 64\n      - BatchNorm1d\n      - Tanh\n"
    "      - {Unflatten: {dim: 1, unflattened_size: [1, 8, 8]}}\n"
    "    optimizer: {AdamW: {lr: 1e-3, weight_decay: 0.1}}"
)
LONG = "a_long_path/" + 5 * "with_many_folders/"
