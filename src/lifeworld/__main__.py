"""`python -m lifeworld`: the command line. Where torchrun starts it many times over, the first one speaks; the others only complain."""

from __future__ import annotations

import os
import sys

from lifeworld.cli import main

if __name__ == "__main__":
    if int(os.environ.get("RANK", "0")) > 0:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  for as long as this lives
    sys.exit(main())
