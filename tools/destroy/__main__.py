"""`python -m tools.destroy`, which `mlops destroy` and `make destroy` run."""

from __future__ import annotations

import sys

from tools.destroy.cli import main

sys.exit(main())
