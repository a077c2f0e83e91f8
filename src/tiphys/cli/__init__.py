"""The command line, one file for each command group; imports are lazy so that `--help` is instant."""
