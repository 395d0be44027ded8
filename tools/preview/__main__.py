"""`python -m tools.preview`, which `mlops preview` runs."""

from __future__ import annotations

import sys

from tools.preview.cli import main

sys.exit(main())
