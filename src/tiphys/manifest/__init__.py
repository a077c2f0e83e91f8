"""Argo documents as typed values: parse, validate, resolve. Pure.

Text becomes documents with a position for every field; problems are collected, not raised one by one; references are
looked up and defaults merged once, and what comes out is frozen. It must not know how anything is run.
"""
