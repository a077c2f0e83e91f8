"""Who does a thing and what they may do: actor, role, permission. Pure."""
