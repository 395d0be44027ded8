"""Sessions of browsers, and confirmations of actions: all secrets of a console, in memory.

A one-time entry in the terminal's address is exchanged for a cookie. A confirmation is issued with
the page that asks for it and holds what that page showed; it is taken once, by the same session.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from training.console.actions import Plan

# A working day; whoever needs longer opens the address that the terminal shows then.
SESSION_SECONDS = 12 * 3600.0
CONFIRMATION_SECONDS = 15 * 60.0
# Pages of actions that are open at once in one console.
MOST_CONFIRMATIONS = 100


class NotConfirmedError(Exception):
    """No confirmation that this session was given; the message says what to do."""


@dataclass(frozen=True)
class _Form:
    session: str
    plan: Plan
    until: float


@dataclass
class Sessions:
    """All sessions of one console; safe to use from any thread."""

    now: Callable[[], float] = time.monotonic
    _entry: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _sessions: dict[str, float] = field(default_factory=dict)
    _forms: dict[str, _Form] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def entry(self) -> str:
        """The secret that lets the next browser in, once."""
        return self._entry

    def enter(self, entry: str) -> str | None:
        """A new session for whoever has the entry; None for any other."""
        with self._lock:
            if not hmac.compare_digest(entry.encode(), self._entry.encode()):
                return None
            self._entry = secrets.token_urlsafe(32)
            session = secrets.token_urlsafe(32)
            self._sessions[session] = self.now() + SESSION_SECONDS
            return session

    def is_open(self, session: str) -> bool:
        """True if this is a session that has not ended."""
        with self._lock:
            return self._sessions.get(session, -float("inf")) > self.now()

    def issue(self, session: str, plan: Plan) -> str:
        """A confirmation of `plan`, for the form that shows it."""
        confirmation = secrets.token_urlsafe(32)
        with self._lock:
            if len(self._forms) >= MOST_CONFIRMATIONS:
                del self._forms[next(iter(self._forms))]
            until = self.now() + CONFIRMATION_SECONDS
            self._forms[confirmation] = _Form(session, plan, until)
        return confirmation

    def take(self, session: str, confirmation: str) -> Plan:
        """The plan that is confirmed, once; raises NotConfirmedError."""
        with self._lock:
            form = self._forms.get(confirmation)
            if form is None or form.session != session:
                raise NotConfirmedError(
                    "this form was not given to this browser, or was sent before"
                )
            del self._forms[confirmation]
            if form.until <= self.now():
                raise NotConfirmedError("this form is older than 15 minutes")
            return form.plan
