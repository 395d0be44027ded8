"""`python -m tools.targets`."""

from __future__ import annotations

import sys

from tools.targets.cli import main

sys.exit(main())
