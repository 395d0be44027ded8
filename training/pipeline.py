"""The neutral definition of each pipeline: the only place that knows the steps.

Every target compiles these to its own form (`components/pipeline/<target>.py`), so a step that
is added here appears on all of them. A step is one command,

    mlops step NAME --<setting> ... --<input> PATH ... --<parameter> ... --out PATH

that reads paths and writes into its folder PATH, with a summary in PATH/result.json; conditions
look at that summary only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

RESULT = "result.json"
# The page of the drift check's step, in its folder.
REPORT_HTML = "report.html"

# The parameter that is the run's own name; on a cloud the service names its runs.
RUN = "run"

PROCESS, TRAIN = "process", "train"

Text = TypeVar("Text")


@dataclass(frozen=True)
class Condition:
    """The step runs only if `step` ended with ``result.json`` saying true for `field`."""

    step: str
    field: str


@dataclass(frozen=True)
class Step:
    """One step: what it takes from the settings, the pipeline and the steps before it."""

    name: str
    settings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()
    # Runs again when a failed run is resumed, although it succeeded: it takes the lease.
    repeat: bool = False
    # What a service with several kinds of steps should make of it.
    kind: str = PROCESS

    @property
    def after(self) -> tuple[str, ...]:
        """The steps that must have ended, and not been skipped, before this one runs."""
        return tuple(dict.fromkeys((*self.steps, *(c.step for c in self.when))))

    def arguments(
        self,
        settings: Mapping[str, Text | None],
        path: Callable[[str], Text],
        parameter: Callable[[str], Text],
    ) -> dict[str, Text]:
        """The command's arguments by name, in order; `flags` makes a command line of them.

        `settings` gives values (None leaves the flag out), `path` where a source or a step's
        output is mounted, `parameter` what stands for a parameter's value at run time. They
        give text, or what stands for text that a target knows later.
        """
        values = {name: settings[name] for name in self.settings}
        places = (*self.sources, *self.steps)
        return {
            **{name: value for name, value in values.items() if value is not None},
            **{name: path(name) for name in places},
            **{name: parameter(name) for name in self.parameters},
            "out": path(self.name),
        }


def flags(arguments: Mapping[str, Text]) -> list[Text | str]:
    """``--name value`` for each argument, as after ``mlops step NAME``."""
    return [
        part for name, value in arguments.items() for part in (f"--{name.replace('_', '-')}", value)
    ]


@dataclass(frozen=True)
class Pipeline:
    """Steps in an order in which they can run, and the parameters of a run with defaults."""

    name: str
    steps: tuple[Step, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)

    def step(self, name: str) -> Step:
        """The step called `name`."""
        return next(step for step in self.steps if step.name == name)


_PLACE = ("model", "store")

TRAINING = Pipeline(
    name="training",
    parameters={RUN: "", "trigger": "manual", "as_of": ""},
    steps=(
        Step(
            "admit",
            settings=(*_PLACE, "min_rows", "cooldown_hours", "max_run_minutes"),
            sources=("data",),
            parameters=(RUN, "trigger", "as_of"),
            repeat=True,
        ),
        Step(
            "prepare",
            settings=(
                *_PLACE,
                "model_file",
                "columns",
                "key",
                "task",
                "target",
                "time_column",
                "split",
                "split_by",
                "holdout",
            ),
            sources=("data",),
            when=(Condition("admit", "admitted"),),
        ),
        Step("train", settings=("model_file", "block"), steps=("prepare",), kind=TRAIN),
        Step(
            "evaluate",
            settings=(*_PLACE, "margin"),
            steps=("prepare", "train"),
        ),
        Step(
            "register",
            settings=(*_PLACE, "registry", "approval", "code", "image"),
            steps=("train", "evaluate"),
            parameters=(RUN,),
            when=(Condition("evaluate", "passed"),),
        ),
        Step(
            "release",
            settings=_PLACE,
            steps=("register",),
            parameters=(RUN,),
            when=(Condition("register", "approved"),),
        ),
    ),
)

DRIFT_CHECK = Pipeline(
    name="drift-check",
    parameters={RUN: "", "since": "", "until": ""},
    steps=(
        Step(
            "drift",
            settings=(
                *_PLACE,
                "time_column",
                "alpha",
                "min_effect",
                "min_effects",
                "min_window_rows",
                "min_metric_loss",
                "block",
                "on_drift",
            ),
            sources=("captures", "data"),
            parameters=(RUN, "since", "until"),
        ),
    ),
)

PIPELINES = (TRAINING, DRIFT_CHECK)
