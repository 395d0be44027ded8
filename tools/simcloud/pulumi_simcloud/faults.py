"""Failures on request: the n-th operation fails, is slow, or is throttled."""

from __future__ import annotations

import fnmatch
import time

from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.state import State

OPERATIONS = ("create", "read", "update", "delete", "any")
EFFECTS = ("fail", "partial", "slow", "throttle")
ATTEMPTS = 5
FIRST_WAIT_SECONDS = 0.02


class ThrottledError(CloudError):
    """The service asked to slow down; the provider tries again."""


def plan(
    state: State,
    effect: str,
    operation: str = "any",
    target: str = "*",
    *,
    nth: int | None = None,
    times: int = 1,
    seconds: float = 0.0,
) -> None:
    """Asks for a fault.

    Args:
        effect: `fail` (nothing happened), `partial` (the resource came to be, then the operation
            failed), `slow` (waits `seconds`), `throttle` (the provider retries up to 4 times).
        operation: `create`, `read`, `update`, `delete` or `any`.
        target: a glob on the type token, the resource's name in the program, or `TOKEN::NAME`.
        nth: only the n-th matching operation from now on (1 = the next), default every one.
        times: how many operations it hits (0 = without end).
    """
    for value, choices in ((effect, EFFECTS), (operation, OPERATIONS)):
        if value not in choices:
            raise ValueError(f"{value!r} is not one of {', '.join(choices)}")
    with state.transaction() as transaction:
        transaction.sql.execute(
            "INSERT INTO faults (operation, target, effect, nth, times, seconds)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (operation, target, effect, nth, times, seconds),
        )


def clear(state: State) -> None:
    """Forgets every planned fault."""
    with state.transaction() as transaction:
        transaction.sql.execute("DELETE FROM faults")


def meet(state: State, operation: str, token: str, name: str) -> bool:
    """Applies the faults planned for an operation that is about to happen.

    Returns:
        Whether the operation has to fail after it took effect.

    Raises:
        CloudError: the operation fails, or stays throttled after the provider's last attempt.
    """
    for attempt in range(ATTEMPTS):
        try:
            return _meet_once(state, operation, token, name)
        except ThrottledError:
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(FIRST_WAIT_SECONDS * 2**attempt)
    return False


def _meet_once(state: State, operation: str, token: str, name: str) -> bool:
    effects = dict(_due(state, operation, token, name))
    time.sleep(effects.get("slow", 0.0))
    if "throttle" in effects:
        raise ThrottledError(f"ThrottlingException: Rate exceeded ({operation} {name})")
    if "fail" in effects:
        raise CloudError(f"InternalFailure: injected failure of {operation} {name} ({token})")
    return "partial" in effects


def _due(state: State, operation: str, token: str, name: str) -> list[tuple[str, float]]:
    due = []
    with state.transaction() as transaction:
        planned = transaction.sql.execute(
            "SELECT number, target, effect, nth, times, seconds, seen, hits FROM faults"
            " WHERE operation IN ('any', ?) ORDER BY number",
            (operation,),
        ).fetchall()
        names = (token, name, f"{token}::{name}")
        for number, target, effect, nth, times, seconds, matches_before, hits in planned:
            if not any(fnmatch.fnmatchcase(candidate, target) for candidate in names):
                continue
            hit = (nth is None or matches_before + 1 == nth) and (times == 0 or hits < times)
            transaction.sql.execute(
                "UPDATE faults SET seen = seen + 1, hits = hits + ? WHERE number = ?",
                (int(hit), number),
            )
            if hit:
                due.append((effect, seconds))
    return due
