"""`python -m pulumi_simcloud`."""

from __future__ import annotations

import sys

from pulumi_simcloud.cli import main

sys.exit(main())
