"""`python -m tools.init`, which `mlops init` runs."""

from __future__ import annotations

import sys

from tools.init.cli import main

sys.exit(main())
