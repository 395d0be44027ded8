"""`python -m tools.doctor`, which `mlops doctor` runs."""

from __future__ import annotations

import sys

from tools.doctor.cli import main

sys.exit(main())
