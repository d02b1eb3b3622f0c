from __future__ import annotations

from emitted_networks import CNN, CONV, FCN, GAN, GPT, LONG, MLP, ONE, RNN, TOKENS, TWO, TWO_INPUTS, VAE

CASES: dict[str, tuple[str, str, str, str, str]] = {
    "digits_flat": ("classification", "[64]", MLP % 10, "digits", "loss: MultiMarginLoss"),
    "digits_all": (
        "classification",
        "[1, 8, 8]",
        CNN % 10,
        "digits",
        "loss: {CrossEntropyLoss: {label_smoothing: 0.1, weight: [1, 1, 1, 1, 2, 1, 1, 1, 1, 1]}}\n"
        "optimizer: {SGD: {lr: 0.1, momentum: 0.9, nesterov: true, weight_decay: 1e-4}}\n"
        "scheduler: {OneCycleLR: {max_lr: 0.1}}\n"
        "training: {precision: bf16, clip_grad_norm: 1, accumulate: 3, ema: 0.9, early_stopping: 2, compile: true}",
    ),
    "diabetes_plateau": (
        "regression",
        "[10]",
        MLP % 1,
        "diabetes",
        "loss: HuberLoss\nscheduler: {ReduceLROnPlateau: {patience: 2}}\ntraining: {ema: 0.99}",
    ),
    "diabetes_poisson": ("regression", "[10]", MLP % 1, "diabetes", "loss: PoissonNLLLoss"),
    "csv_classes": ("classification", "[6]", MLP % 3, f'{{csv: {{path: {LONG}t.csv, target: "it\'s"}}}}', ""),
    "csv_binary": (
        "classification",
        "[6]",
        MLP % 1,
        "{csv: {path: t.csv, target: y}}",
        "loss: {BCEWithLogitsLoss: {pos_weight: [3]}}",
    ),
    "csv_real": (
        "regression",
        "[6]",
        MLP % 1,
        "{csv: {path: t.csv, target: y}}",
        "scheduler: {MultiStepLR: {milestones: [1, 2, 3]}}\ntraining: {early_stopping: 3}",
    ),
    "csv_texts": (
        "classification",
        TOKENS % 500,
        "layers: [{Embedding: 8}, {mean: 1}, {Linear: 3}]",
        f'{{csv: {{path: t.csv, target: "it\'s", text: "a {LONG}", length: 7}}}}',
        "metrics: [accuracy, f1]",
    ),
    "csv_texts_real": (
        "regression",
        TOKENS % 500,
        "layers: [{Embedding: 8}, {LSTM: 8}, {select: [1, -1]}, {Linear: 1}]",
        "{csv: {path: t.csv, target: text}}",
        "",
    ),
    "arrays_classes": ("classification", "[2, 3]", "layers: [Flatten, {Linear: 4}]", "{arrays: a.npz}", ""),
    "arrays_labels": ("classification", "[6]", MLP % 4, "{arrays: a.npz}", "loss: MultiLabelSoftMarginLoss"),
    "arrays_real": ("regression", "[6]", MLP % 2, "{arrays: a.npz}", "loss: L1Loss\noptimizer: Adafactor"),
    "images_classes": ("classification", "[3, 12, 16]", CNN % 5, "{images: {path: imgs, workers: 2}}", ""),
    "images_binary": (
        "classification",
        "[1, 12, 16]",
        CNN % 1,
        "{images: imgs}",
        "loss: SoftMarginLoss\nscheduler: {CyclicLR: {base_lr: 1e-4, max_lr: 1e-2}}\n"
        "training: {precision: bf16, accumulate: 2, ema: 0.9}",
    ),
    "mnist_cnn": ("classification", "[1, 28, 28]", CNN % 10, "mnist", ""),
    "fashion_flat": ("classification", "[784]", MLP % 10, "fashion_mnist", "optimizer: Rprop"),
    "cifar_cnn": ("classification", "[3, 32, 32]", CNN % 10, "cifar10", "scheduler: CosineAnnealingLR"),
    "synthetic_classes": ("classification", "[7]", MLP % 3, "synthetic", "optimizer: NAdam"),
    "synthetic_binary": ("classification", "[7]", MLP % 1, "{synthetic: 100}", "loss: BCEWithLogitsLoss"),
    "two_inputs": (
        "classification",
        TWO_INPUTS,
        ONE % 3,
        "synthetic",
        "metrics: [f1, accuracy]",
    ),
    "two_inputs_arrays": (
        "classification",
        TWO_INPUTS,
        ONE % 1,
        "{arrays: a.npz}",
        "loss: BCEWithLogitsLoss\nmetrics: [accuracy, precision, recall, confusion]",
    ),
    "two_outputs": (
        "supervised",
        TWO_INPUTS,
        TWO % 3,
        "synthetic",
        "loss:\n  - CrossEntropyLoss: {weight: [1, 2, 3]}\n    from: [classes, label]\n"
        "  - SmoothL1Loss:\n    from: [box, corner]\n    scale: 0.5\ntraining: {precision: bf16, accumulate: 2}",
    ),
    "two_outputs_arrays": (
        "supervised",
        TWO_INPUTS,
        TWO % 1,
        "{arrays: a.npz}",
        "loss:\n  - BCEWithLogitsLoss:\n    from: [classes, label]\n"
        "  - HingeEmbeddingLoss:\n    from: [classes, sign]\n  - MSELoss:\n    from: [box, corner]\n    scale: 2",
    ),
    "odd_names": (
        "supervised",
        "{index: [5], count: [5]}",
        "layers: [{Linear: 2, from: index, as: loss}, {Linear: 2, from: count, as: outputs}]\noutputs: [loss, outputs]",
        "{arrays: a.npz}",
        "loss:\n  - {MSELoss: , from: [loss, to]}\n  - {SoftMarginLoss: , from: [outputs, select]}\n"
        "  - {MSELoss: , from: [loss, outputs], scale: 0.1}",
    ),
    "triplet": (
        "supervised",
        "{anchor: [5], positive: [5], negative: [5]}",
        "layers:\n  - Linear: 4\n    name: embed\n    as: a\n  - use: embed\n    from: positive\n    as: p\n"
        "  - use: embed\n    from: negative\n    as: n\noutputs: [a, p, n]",
        "synthetic",
        "loss: {TripletMarginLoss: , from: [a, p, n]}",
    ),
    "sequences": (
        "regression",
        "[time, 3]",
        "layers: [{LSTM: 8}, {select: [1, -1]}, {Linear: 2}]",
        "{arrays: a.npz}",
        "metrics: [rmse, r2]",
    ),
    "dense_target": (
        "supervised",
        "[1, height, width]",
        "layers: [{Conv2d: {out_channels: 4, kernel_size: 3}}, ReLU, {Conv2d: {out_channels: 3, kernel_size: 1}}]",
        "{arrays: a.npz}",
        "loss: CrossEntropyLoss",
    ),
    "supervised_digits": ("supervised", "[64]", MLP % 10, "digits", "loss: CrossEntropyLoss"),
    "supervised_features": (
        "supervised",
        "[7]",
        "layers: [{Linear: 16}, ReLU, {Linear: 8}]",
        "{arrays: a.npz}",
        "loss: {AdaptiveLogSoftmaxWithLoss: {n_classes: 30, cutoffs: [10], div_value: 2.0}}\n"
        "optimizer: {Muon: , no_decay: bias}\ntraining: {clip_grad_norm: 1}",
    ),
    "supervised_steps": (
        "supervised",
        "[6, 8]",
        "layers: [{Linear: 16}, ReLU, {Linear: 5}, {LogSoftmax: -1}]",
        "{arrays: a.npz}",
        "loss: {CTCLoss: {zero_infinity: true}, from: [output, words, steps, word_counts]}\n"
        "optimizer: {LBFGS: {max_iter: 3}}",
    ),
    "supervised_sparse": (
        "supervised",
        "{words: {shape: [5], dtype: int64, high: 20}}",
        "layers: [{EmbeddingBag: {embedding_dim: 8, sparse: true}}, {Linear: 4}]",
        "synthetic",
        "loss: MultiLabelMarginLoss\noptimizer: SparseAdam\nscheduler: {ExponentialLR: 0.9}",
    ),
    "csv_wide": ("classification", TWO_INPUTS, ONE % 3, "{csv: {path: t.csv, target: y}}", ""),
    "csv_columns": (
        "regression",
        "{numbers: [2], city: {shape: [], dtype: int64, high: 9}, words: {shape: [4], dtype: int64, high: 9}}",
        ONE.replace("Linear: 6\n    as: a", "Embedding: 6\n    from: city\n    as: a", 1).replace(
            "- add: a", "- add: a\n  - Linear: 2\n  - add: numbers"
        )
        % 1,
        "{csv: {path: t.csv, target: y}}",
        "",
    ),
    "csv_categories": (
        "classification",
        "{words: {shape: [4], dtype: int64, high: 9}}",
        "layers: [{Embedding: 3}, Flatten, {Linear: 1}]",
        "{csv: {path: t.csv, target: y}}",
        "loss: BCEWithLogitsLoss",
    ),
    "supervised_csv": ("supervised", "[6]", MLP % 1, "{csv: {path: t.csv, target: y}}", "loss: MSELoss"),
    "supervised_images": ("supervised", "[3, 12, 16]", CNN % 5, "{images: imgs}", "loss: CrossEntropyLoss"),
    "sunspots_flat": (
        "forecasting",
        "[22]",
        MLP % 3,
        "{sunspots: {window: 22, horizon: 3}}",
        "loss: HuberLoss\ntraining: {tensorboard: true}",
    ),
    "series_columns": (
        "forecasting",
        "[3, 12]",
        "layers: [{Conv1d: {out_channels: 8, kernel_size: 3}}, ReLU, Flatten, {Linear: 10},"
        " {Unflatten: {dim: 1, unflattened_size: [2, 5]}}]",
        "{series: {path: s.csv, columns: [a, it's, b'''], target: [b''', a], window: 12, horizon: 5, period: 4}}",
        "metrics: [rmse, r2]\ntraining: {precision: bf16}",
    ),
    "series_steps": (
        "forecasting",
        "[time, 2]",
        "layers: [{Linear: 8}, ReLU, {Linear: 2}, {narrow: [1, -3, 3]}]",
        "{series: {path: s.csv, columns: [a, b], window: 9, horizon: 3}}",
        "",
    ),
    "series_counts": (
        "forecasting",
        "[1, 9]",
        "layers: [Flatten, {Linear: 4}]",
        "{series: {path: s.csv, columns: a, window: 9, horizon: 4, period: 3}}",
        "loss: PoissonNLLLoss",
    ),
    "text_characters": (
        "language_model",
        TOKENS % 40,
        RNN % 40,
        "{text: t.txt}",
        "metrics: perplexity\ntraining: {ema: 0.9, precision: bf16}",
    ),
    "text_gpt2": ("language_model", TOKENS % 50257, GPT, "{text: {path: t.txt, tokenizer: gpt2}}", ""),
    "csv_tags": (
        "sequence_labeling",
        TOKENS % 300,
        "layers: [{Embedding: 8}, {GRU: {hidden_size: 8, bidirectional: true}}, {Linear: 21}, {LogSoftmax: -1}]",
        f'{{csv: {{path: t.csv, target: "it\'s", text: "a {LONG}", length: 7}}}}',
        "loss: NLLLoss\nmetrics: [f1, recall, confusion]\ntraining: {precision: bf16, tensorboard: true}",
    ),
    "csv_tags_few": (
        "sequence_labeling",
        TOKENS % 300,
        RNN % 3,
        "{csv: {path: t.csv, target: words, length: 2}}",
        "loss: {CrossEntropyLoss: {ignore_index: -1}}\nmetrics: [confusion, accuracy]\n"
        "training: {tensorboard: true, early_stopping: 2}",
    ),
    "arrays_tags": (
        "sequence_labeling",
        "[6, time]",
        "layers: [{Conv1d: {out_channels: 4, kernel_size: 3, padding: 1}}, {transpose: [1, 2]}]",
        "{arrays: a.npz}",
        "loss: {CrossEntropyLoss: {ignore_index: -1, weight: [1, 2, 1, 1]}}\ntraining: {accumulate: 2}",
    ),
    "synthetic_tags": (
        "sequence_labeling",
        "{shape: [12], dtype: int64, high: 9}",
        "layers: [{Embedding: 8}, {Linear: 16}, ReLU, {Linear: 5}]",
        "{synthetic: 200}",
        "metrics: accuracy",
    ),
    "synthetic_tags_wide": (
        "sequence_labeling",
        "{shape: [3, 12], dtype: int64, high: 9}",
        "layers: [{Embedding: 4}, {permute: [0, 2, 1, 3]}, {flatten: 2}, {Linear: 16}, ReLU, {Linear: 5}]",
        "{synthetic: 200}",
        "",
    ),
    "python_docs": ("language_model", TOKENS % 96, RNN.replace("LSTM", "GRU") % 96, "{python_docs: {window: 20}}", ""),
    "vae_synthetic": (
        "vae",
        "",
        VAE % ("[2, 3]", 6, "[2, 3]"),
        "synthetic",
        "loss: MSELoss\ntraining: {kl_weight: 0.5, kl_warmup: 3, precision: bf16, ema: 0.9}",
    ),
    "vae_mnist": ("vae", "", VAE % ("[1, 28, 28]", 784, "[1, 28, 28]"), "mnist", "training: {kl_weight: 2}"),
    "vae_colours": (
        "vae",
        "",
        (VAE % ("[3, 8, 10]", 240, "[3, 8, 10]")).replace("}}]", "}}, Tanh]"),
        "{images: imgs}",
        "loss: [{MSELoss: , scale: 2}, L1Loss]",
    ),
    "autoencoder_images": (
        "autoencoder",
        "[1, 12, 16]",
        f"layers: [{CONV % 4}, ReLU, {CONV % 1}, Sigmoid]",
        "{images: imgs}",
        "loss: BCELoss\ntraining: {noise: 0.2, precision: bf16, accumulate: 2}",
    ),
    "autoencoder_rows": (
        "autoencoder",
        "[6]",
        MLP % 6,
        "{arrays: a.npz}",
        "loss: BCEWithLogitsLoss\nmetrics: [mae, rmse]\noptimizer: LBFGS\ntraining: {noise: 0.2}",
    ),
    "autoencoder_cifar": ("autoencoder", "[3, 32, 32]", f"layers: [{CONV % 3}, Tanh]", "cifar10", ""),
    "shapes_binary": (
        "segmentation",
        "[1, 16, 20]",
        FCN % 1,
        "{shapes: 60}",
        "loss: BCEWithLogitsLoss\ntraining: {tensorboard: true}",
    ),
    "masks_classes": (
        "segmentation",
        "[3, height, width]",
        FCN % 3,
        "{masks: {images: imgs, masks: masks, workers: 1}}",
        "loss: {CrossEntropyLoss: {ignore_index: -1, weight: [1, 2, 2]}}\n"
        "training: {precision: bf16, accumulate: 2, ema: 0.9}",
    ),
    "masks_resized": ("segmentation", "[1, 16, 20]", FCN % 2, "{masks: {images: imgs, masks: masks}}", ""),
    "masks_binary": (
        "segmentation",
        "[1, height, width]",
        (FCN % 1).replace("]\n", ", Sigmoid]\n"),
        "{masks: {images: imgs, masks: masks}}",
        "loss: BCELoss\nmetrics: pixel_accuracy",
    ),
    "gan_digits": ("gan", "", GAN, "digits", "training: {ema: 0.9, tensorboard: true}"),
    "gan_wasserstein": (
        "gan",
        "",
        GAN.replace("Linear: 64", "Linear: 6").replace("[1, 8, 8]", "[6]"),
        "synthetic",
        "loss: wasserstein\ntraining: {critic_steps: 3, gradient_penalty: 10}",
    ),
    "gan_images": (
        "gan",
        "",
        GAN.replace("Linear: 64", "Linear: 192").replace("[1, 8, 8]", "[3, 8, 8]"),
        "{images: imgs}",
        "loss: hinge\ntraining: {critic_steps: 2}",
    ),
    "gan_mnist": (
        "gan",
        "",
        GAN.replace("Linear: 64", "Linear: 784").replace("[1, 8, 8]", "[1, 28, 28]"),
        "mnist",
        "loss: least_squares",
    ),
    "synthetic_real": ("regression", "[7]", MLP % 2, "synthetic", "loss: SmoothL1Loss"),
    "two_optimizers": (
        "classification",
        "[7]",
        MLP % 3,
        "synthetic",
        "optimizer: {Muon: {lr: 0.02}, rest: {AdamW: {weight_decay: 0.1}}, no_decay: [bias, bn]}\n"
        "scheduler: {CosineAnnealingLR: , warmup: 5}\ntraining: {ema: 0.9, clip_grad_norm: 1}",
    ),
    "groups_one_cycle": (
        "classification",
        "[7]",
        MLP % 3,
        "synthetic",
        "optimizer: {SGD: {momentum: 0.9, weight_decay: 0.1}, no_decay: [bias, bn], "
        "groups: [{params: fc1, lr: 2 * $lr}]}\n"
        "scheduler: OneCycleLR",
    ),
    "closure_swa": (
        "regression",
        "[6]",
        MLP % 1,
        "{csv: {path: t.csv, target: y}}",
        "optimizer: {LBFGS: {line_search_fn: strong_wolfe}}\n"
        "scheduler: {SWALR: {swa_lr: 0.05, anneal_epochs: 2}, before: CosineAnnealingLR}\ntraining: {batch_size: 1000}",
    ),
    "muon_plateau": (
        "classification",
        "[1, 12, 16]",
        CNN.replace("Flatten", "Flatten, {Linear: 8}") % 2,
        "{images: imgs}",
        "optimizer: Muon\nscheduler: {ReduceLROnPlateau: {mode: max}}\ntraining: {precision: bf16, accumulate: 2}",
    ),
}
TRAINED = ["digits_all", "csv_classes", "csv_binary", "arrays_real", "images_binary", "mnist_cnn", "synthetic_real"]
TRAINED += ["two_optimizers", "closure_swa", "csv_texts", "csv_texts_real"]
TRAINED += ["two_inputs_arrays", "two_outputs", "two_outputs_arrays", "triplet", "sequences", "dense_target"]
TRAINED += ["csv_tags", "csv_tags_few", "arrays_tags", "synthetic_tags", "synthetic_tags_wide"]
TRAINED += ["odd_names"]
TRAINED += ["supervised_images", "supervised_features", "supervised_steps"]
TRAINED += ["gan_digits", "gan_wasserstein", "gan_images", "gan_mnist"]
TRAINED += ["vae_synthetic", "vae_mnist", "vae_colours", "autoencoder_images", "autoencoder_rows"]
TRAINED += ["shapes_binary", "masks_classes", "masks_resized", "masks_binary"]
TRAINED += ["sunspots_flat", "series_columns", "series_steps", "series_counts"]
TRAINED += ["text_characters", "text_gpt2", "python_docs"]
GROUPS = 4  # of projects whose tests run in one process


def description(name: str) -> str:
    task, shape, layers, data, rest = CASES[name]
    several = ":" in shape and not shape.startswith("{shape")
    given = f"{'inputs' if several else 'input'}: {shape}\n" if shape else ""
    return f"name: {name}\ntask: {task}\n{given}{layers}\ndata: {data}\n{rest}\n"
