"""`python -m tools.mutants`."""

from __future__ import annotations

import sys

from tools.mutants.cli import main

sys.exit(main())
