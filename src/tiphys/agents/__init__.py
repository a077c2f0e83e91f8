"""Planners: from an incident and its evidence to a proposed Decision. It must not import a cluster client."""
