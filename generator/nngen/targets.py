"""What the target of a sample is: how data and losses name it."""

INDEX = "index"  # an int64, the number of a class
BINARY = "binary"  # 0.0 or 1.0, shaped (1,)
MULTILABEL = "multilabel"  # 0.0 or 1.0 for each output
REAL = "real"  # real numbers, shaped as the output
SIGNED = "signed"  # 1.0 or -1.0
MASK = "mask"  # an INDEX for each pixel
NEXT = "next"  # the next token of a text
INPUT = "input"  # the sample itself
NONE = "none"  # there is none

WHOLE = frozenset({INDEX, MASK, NEXT})  # numbers of classes
LAST = frozenset({NEXT})  # their classes are the last dimension of an output
