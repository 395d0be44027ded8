"""The one error type for what a user can mend."""

from __future__ import annotations


class UserError(Exception):
    """Something the user gave is wrong; the message names it, the value and what is allowed.

    The command line prints the message without a traceback and exits with 1; the endpoint
    answers it with a 4xx.
    """


class PassingError(UserError):
    """Something that may go by itself: no answer, a busy service, a sign-in that ran out."""
