"""The tamper-evident log: record, canonical bytes (RFC 8785), hash chain, verifier. Pure.

It decides what the bytes of a record are and whether a chain of them is whole; it must not know where they are kept.
"""
