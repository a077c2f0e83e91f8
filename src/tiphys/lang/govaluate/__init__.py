"""The condition language of `when`: tokens, a postfix program with jumps, its evaluation. Pure.

It is Knetic/govaluate (commit 7625b7f8), bugs and error texts included, because manifests rely on the former and users
search for the latter. Nothing here recurses, so no condition is nested too deeply.
"""
