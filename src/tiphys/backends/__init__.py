"""Runs whole workflows: today the embedded engine."""
