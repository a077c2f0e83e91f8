"""Tells people: approvals that wait, incidents that need a human."""
