"""Event sources: what listens outside and publishes on the bus before it answers."""
