"""What `make demo` runs: real services break, and the whole chain is watched, scene by scene."""
