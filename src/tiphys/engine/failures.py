"""What goes wrong with a call of a template, not with the program. Pure."""

from __future__ import annotations


class CallFailed(Exception):  # noqa: N818 - it is not an error of the program
    """A call cannot be carried out; the text, in Argo's words, becomes the message of a node."""
