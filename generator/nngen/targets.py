"""What the target of a sample is: how data and losses name it."""

INDEX = "index"  # an int64, the number of a class
BINARY = "binary"  # 0.0 or 1.0, shaped (1,)
MULTILABEL = "multilabel"  # 0.0 or 1.0 for each output
REAL = "real"  # real numbers, shaped as the output
SIGNED = "signed"  # 1.0 or -1.0
MASK = "mask"  # an INDEX for each pixel
NEXT = "next"  # the next token of a text
FORECAST = "forecast"  # real numbers, the steps of a series that follow
INPUT = "input"  # the sample itself
NONE = "none"  # there is none

ALL = frozenset({INDEX, BINARY, MULTILABEL, REAL, SIGNED, MASK, NEXT, FORECAST, INPUT, NONE})
