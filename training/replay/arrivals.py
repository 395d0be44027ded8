"""The labeled table of the replay, in which months arrive one by one as labels do in production.

Two folders: all months as they will have happened, and the data of a stack, which holds the months
that have. Nothing but month files is ever removed from the second: it is a path somebody gave.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from training.errors import UserError
from training.platform import STACKS
from training.replay import flights

FIRST_MONTHS = (1, 2)
ALL_MONTHS = tuple(range(1, 13))


def months_folder(root: Path) -> Path:
    """Folder of all months, before they have happened."""
    return root / STACKS / "data" / "months"


def lay_out(root: Path, data: Path, share: float = 1.0) -> None:
    """Make the months if need be, and put those of the first training into `data`."""
    check(data)
    months = months_folder(root)
    if not months.is_dir():
        flights.write_months(months, share)
    restart(months, data)


def check(data: Path) -> None:
    """Raise UserError if `data` is or holds anything but months of the replay."""
    if data.exists() and not data.is_dir():
        raise UserError(f"{data} is a file; the replay needs a folder of its own")
    arrived = {flights.month_file(data, month) for month in ALL_MONTHS}
    strange = sorted(set(data.iterdir()) - arrived) if data.exists() else []
    if strange:
        raise UserError(
            f"{data} holds {strange[0].name}, which no replay has put there; the replay needs a "
            "folder of its own"
        )


def restart(months: Path, data: Path) -> None:
    """Go back to the end of February."""
    data.mkdir(parents=True, exist_ok=True)
    for month in ALL_MONTHS:
        flights.month_file(data, month).unlink(missing_ok=True)
    for month in FIRST_MONTHS:
        arrive(months, data, month)


def arrive(months: Path, data: Path, month: int) -> None:
    """The labels of `month` are there."""
    shutil.copy2(flights.month_file(months, month), flights.month_file(data, month))
