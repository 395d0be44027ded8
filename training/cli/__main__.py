"""`python -m training.cli`, for places where the package is not installed."""

import sys

from training.cli import main

sys.exit(main())
