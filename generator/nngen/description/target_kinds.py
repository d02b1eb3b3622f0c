"""The kinds of targets of a sample, as data and losses name them."""

INDEX = "index"  # an int64, the number of a class
BINARY = "binary"  # 0.0 or 1.0, shaped (1,)
MULTILABEL = "multilabel"  # 0.0 or 1.0 for each output
REAL = "real"  # real numbers, shaped as the output
SIGNED = "signed"  # 1.0 or -1.0
CLASS_LIST = "class_list"  # an int64 for each output: the numbers of its classes, then -1
LABELS = "labels"  # an int64 for each of its labels, which are fewer than the steps of the output
LENGTH = "length"  # an int64: the number of valid steps of a sequence
MASK = "mask"  # an INDEX for each pixel
BINARY_MASK = "binary_mask"  # 0.0 or 1.0 for each pixel
NEXT = "next"  # the next token of a text
TAGS = "tags"  # an INDEX for each step of a sequence
FORECAST = "forecast"  # real numbers, the steps of a series that follow
INPUT = "input"  # the sample itself
NONE = "none"  # there is none

ALL = frozenset(
    {
        INDEX,
        BINARY,
        MULTILABEL,
        REAL,
        SIGNED,
        CLASS_LIST,
        LABELS,
        LENGTH,
        MASK,
        BINARY_MASK,
        NEXT,
        TAGS,
        FORECAST,
        INPUT,
        NONE,
    }
)
WHOLE = frozenset({INDEX, MASK, NEXT, TAGS})  # indices of classes
LAST = frozenset({NEXT, TAGS})  # the classes are the last dimension of the output
