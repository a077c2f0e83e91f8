"""`python -m tiphys` is the command `tiphys`."""

from __future__ import annotations

from tiphys.cli.main import main

if __name__ == "__main__":
    main()
