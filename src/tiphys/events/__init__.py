"""The sensor machine: event envelope, dependencies, filters, trigger parameters. Pure.

It says which trigger fires with which resolved parameters; it must not know who carries a trigger out.
"""
