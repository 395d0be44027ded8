"""Pipeline definitions, step by step: the forms of all targets, recognized by their shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.preview.differences import differences, is_later, plain
from tools.preview.model import CREATE, DELETE, UPDATE, StepChange

Steps = dict[str, Any]


def step_changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[StepChange, ...]:
    """The steps that differ between two resources' inputs, in the order of the definition."""
    old, new = steps_of(plain(before)), steps_of(plain(after))
    if not new and is_later(plain(after)):
        # The definition depends on what is made later: nothing can be said of its steps yet.
        return ()
    return tuple(_changes(old, new))


def without_steps(value: Any) -> Any:
    """Inputs without the steps of the definitions in them: what is left is compared as usual."""
    value = plain(value)
    if isinstance(value, dict):
        steps_key = _steps_key(value)
        return {key: without_steps(item) for key, item in value.items() if key != steps_key}
    return [without_steps(item) for item in value] if isinstance(value, list) else value


def _changes(old: Steps, new: Steps) -> Iterator[StepChange]:
    for name in dict.fromkeys([*new, *old]):
        if name not in old:
            yield StepChange(CREATE, name)
        elif name not in new:
            yield StepChange(DELETE, name)
        else:
            edits = tuple(differences(old[name], new[name]))
            if edits:
                yield StepChange(UPDATE, name, edits)


def _steps_key(value: dict[str, Any]) -> str | None:
    """The key under which a definition keeps its steps, None if the value is no definition."""
    keys = [key for key in ("Steps", "steps") if _are_steps(value.get(key))]
    if keys:
        return keys[0]
    if isinstance(value.get("jobs"), dict) and value.get("type") == "pipeline":
        return "jobs"
    return "tasks" if isinstance(value.get("tasks"), dict) else None


def _are_steps(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(item, dict) and _name(item) for item in value)


def steps_of(value: Any) -> Steps:
    """Every step in a value by its name, also those inside conditions and sub-definitions."""
    if isinstance(value, list):
        return {name: step for item in value for name, step in steps_of(item).items()}
    if not isinstance(value, dict):
        return {}
    steps: Steps = {}
    steps_key = _steps_key(value)
    if steps_key is not None:
        steps |= _by_name(value[steps_key])
    for key, item in value.items():
        if key != steps_key:
            steps |= steps_of(item)
    return steps


def _by_name(steps: Any) -> Steps:
    items = steps.items() if isinstance(steps, dict) else ((_name(step), step) for step in steps)
    by_name: Steps = {}
    for name, step in items:
        inner = {
            branch: step["Arguments"][branch]
            for branch in ("IfSteps", "ElseSteps")
            if isinstance(step.get("Arguments"), dict) and step["Arguments"].get(branch)
        }
        by_name[name] = _without_branches(step, inner)
        for nested in inner.values():
            by_name |= _by_name(nested)
    return by_name


def _name(step: dict[str, Any]) -> str:
    return str(step.get("Name") or step.get("name") or "")


def _without_branches(step: Any, inner: dict[str, Any]) -> Any:
    """A condition without the bodies of its branches, which are steps of their own."""
    if not inner:
        return step
    names = {branch: [_name(item) for item in steps] for branch, steps in inner.items()}
    return {**step, "Arguments": {**step["Arguments"], **names}}
