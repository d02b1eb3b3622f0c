"""A second merge of one file that git left in conflict, statement by statement instead of line by line.

``merging`` merges the edits of both sides, ``units`` says what they are made of, ``edits`` what a side changed,
``effects`` which statements may change places, and ``checks`` refuses a result that is not sound. When in doubt, the
conflict stays.
"""
