"""`python -m tools.simcloud`."""

from __future__ import annotations

import sys

from tools.simcloud.cli import main

sys.exit(main())
