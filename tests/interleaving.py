"""Actors that run in turns, in an order that a test chooses.

Each actor is a thread, and one of them runs at a time. A plan says how many points it may pass
until another one goes on, so that each order of what they do can be tried, and a failing one is
repeated by its plan. Points are what the test calls so (a call of a store, which processes share),
and the lines of modules whose threads share objects. A lock that these hold has to be one of
`Turns.lock`: a thread that waits for a real one would never give its turn away.
"""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from types import FrameType, ModuleType
from typing import Any

from hypothesis import strategies as st

# Turns of a plan: how many points an actor may pass, and how many actors on the next turn is.
Plan = Sequence[tuple[int, int]]


def plans(points: int, turns: int = 6) -> st.SearchStrategy[Plan]:
    """Plans of at most `turns` interruptions, with at most so many `points` between two of them."""
    turn = st.tuples(st.integers(1, points), st.integers(1, 2))
    return st.lists(turn, min_size=1, max_size=turns)


class DeadlockError(Exception):
    """All actors wait for a lock."""


class StopActor(BaseException):
    """Another actor failed: this one goes no further."""


class Turns:
    """Runs actors by a plan; lines of `modules` are points, `watch` is called at each point."""

    def __init__(
        self,
        plan: Plan,
        *,
        modules: Iterable[ModuleType] = (),
        watch: Callable[[], None] | None = None,
    ) -> None:
        self._plan = iter(plan)
        self._files = {inspect.getsourcefile(module) for module in modules}
        self._watch = watch
        self._actors: list[_Actor] = []
        self._points_left, self._places = 0, 0
        # How many points were passed, by all actors.
        self.points = 0
        self._failure: BaseException | None = None

    def run(self, *acts: Callable[[], Any]) -> list[Any]:
        """What each act returned, or the error that it raised; raises what `watch` raises."""
        self._actors = [_Actor(self, act) for act in acts]
        for actor in self._actors:
            actor.start()
        self._points_left, self._places = self._next()
        self._actors[0].turn.release()
        for actor in self._actors:
            actor.join()
        if self._failure is not None:
            raise self._failure
        return [actor.outcome for actor in self._actors]

    def pause(self) -> None:
        """Let another actor go on, in place of a wait for what it does."""
        actor = threading.current_thread()
        if isinstance(actor, _Actor):
            self._check_going_on()
            self._give(actor, 1)

    def lock(self) -> _Lock:
        """A lock in place of `threading.Lock`."""
        return _Lock(self)

    def point(self) -> None:
        """Pass a point, after which another actor may go on."""
        actor = threading.current_thread()
        if not isinstance(actor, _Actor):
            return
        self._check_going_on()
        self.points += 1
        self._points_left -= 1
        if self._watch is not None:
            try:
                self._watch()
            except BaseException as error:
                self.fail(error)
                raise
        if self._points_left <= 0:
            places = self._places
            self._points_left, self._places = self._next()
            self._give(actor, places)

    def end(self, actor: _Actor) -> None:
        """Let the others go on."""
        candidates = self._able(actor)
        if candidates:
            candidates[0].turn.release()
        elif any(not other.has_ended for other in self._actors):
            self.fail(DeadlockError("all actors wait for a lock"))

    def wait(self, actor: _Actor, lock: _Lock) -> None:
        """Let others go on until the lock is free."""
        while lock.holder is not None:
            actor.waits_for = lock
            candidates = self._able(actor)
            if not candidates:
                error = DeadlockError("all actors wait for a lock")
                self.fail(error)
                raise error
            self._hand_over(actor, candidates[0])
        actor.waits_for = None

    def fail(self, error: BaseException) -> None:
        """Keep the first failure, and let all actors end."""
        self._failure = self._failure or error
        for actor in self._actors:
            actor.waits_for = None
            actor.turn.release()

    def _check_going_on(self) -> None:
        if self._failure is not None:
            raise StopActor

    def _next(self) -> tuple[int, int]:
        """The next turn of the plan; after its end nobody is interrupted."""
        return next(self._plan, (sys.maxsize, 0))

    def _give(self, actor: _Actor, places: int) -> None:
        candidates = self._able(actor)
        if places and candidates:
            self._hand_over(actor, candidates[(places - 1) % len(candidates)])

    def _hand_over(self, actor: _Actor, successor: _Actor) -> None:
        successor.turn.release()
        actor.turn.acquire()
        self._check_going_on()

    def _able(self, actor: _Actor) -> list[_Actor]:
        """The other actors that can go on, from the next one on."""
        place = self._actors.index(actor)
        ring = [*self._actors[place + 1 :], *self._actors[:place]]
        return [other for other in ring if other.is_able]


class _Actor(threading.Thread):
    def __init__(self, turns: Turns, act: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.turn = threading.Semaphore(0)
        self.waits_for: _Lock | None = None
        self.has_ended = False
        self.outcome: Any = None
        self._turns, self._act = turns, act

    @property
    def is_able(self) -> bool:
        free = self.waits_for is None or self.waits_for.holder is None
        return free and not self.has_ended

    def run(self) -> None:
        self.turn.acquire()
        sys.settrace(self._call)
        try:
            self.outcome = self._act()
        except BaseException as error:
            self.outcome = error
        finally:
            sys.settrace(None)
            self.has_ended = True
            self._turns.end(self)

    def _call(self, frame: FrameType, event: str, argument: Any) -> Any:
        watched = frame.f_code.co_filename in self._turns._files
        return self._line if watched else None

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            self._turns.point()
        return self._line


class _Lock:
    """A lock whose waiting threads give their turn away."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.holder: threading.Thread | None = None

    def __enter__(self) -> None:
        actor = threading.current_thread()
        if isinstance(actor, _Actor):
            self._turns.wait(actor, self)
        self.holder = actor

    def __exit__(self, *error: object) -> None:
        self.holder = None
