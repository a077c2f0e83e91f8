"""Text in, value out: tags, conditions, `depends` logic, durations, selectors. Pure.

Each language is one small package or module in the same shape: tokens, tree, evaluate. Nothing here knows what a
workflow or an event is; a language meets only names and values.
"""
