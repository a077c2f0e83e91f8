"""The incident machine: catalog, intake, decision, guards, routing, approval, outcome. Pure.

Each stage can only make the outcome stricter. It must not know a model vendor, a cluster or a database.
"""
