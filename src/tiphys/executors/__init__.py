"""Runs one node: today a process on this host."""
