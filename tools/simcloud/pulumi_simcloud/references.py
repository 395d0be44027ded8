"""Checks that what a resource refers to exists, and remembers what it uses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import CloudError, Failure, excerpt
from pulumi_simcloud.kinds import Kind, Ref
from pulumi_simcloud.mentions import Mention, mentions, principals
from pulumi_simcloud.permissions.aws_names import idle_actions
from pulumi_simcloud.platforms import of_another_owner
from pulumi_simcloud.property_values import is_asset, leaves, select
from pulumi_simcloud.rules.basic import parsed
from pulumi_simcloud.rules.policy_arns import items_of
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World


def used_by(kind: Kind, inputs: dict[str, Any], world: World) -> list[list[str]]:
    """The resources that the inputs refer to, as [type token, id].

    Raises:
        CloudError: one of them doesn't exist.
    """
    missing: list[Failure] = []
    keys: dict[tuple[str, str], None] = {}
    for path, mention in _immediate(kind, inputs, world):
        if mention.row is None:
            missing.append(Failure(path, f"{excerpt(mention.text)} does not exist"))
        else:
            keys[mention.row.key] = None
    if missing and world.closed:
        problems = "; ".join(dict.fromkeys(f"{item.path}: {item.reason}" for item in missing))
        raise CloudError(f"ResourceNotFound: {kind.title}: {problems}")
    return [list(key) for key in keys]


def dangling(rows: list[Row], world: World) -> list[Failure]:
    """What a service accepts in policies, dashboards and event patterns, and is of no use there.

    They may be made before what they name exists, so names that nothing goes by are looked for when
    the cloud is at rest; so are actions in a role's policy that are not for its resources.
    """
    failures = []
    for row in rows:
        kind = world.catalog[row.token]
        for ref in kind.refs:
            if ref.later:
                failures += [
                    Failure(f"{row.id} {path}", f"{excerpt(mention.text)} does not exist")
                    for path, mention in _mentions_of(ref, row.inputs, world)
                    if mention.row is None
                ]
        for path, text in _texts(row.inputs):
            if _is_deferred(kind, path):
                failures += [
                    Failure(f"{row.id} {path}", f"{excerpt(mention.text)} does not exist")
                    for mention in mentions(kind.cloud, text, world)
                    if mention.row is None
                ]
                failures += [Failure(f"{row.id} {path}", reason) for reason in _idle(text)]
    return failures


def _idle(text: str) -> Iterator[str]:
    """Actions that apply to no resource of their statement, if the text is a policy of AWS."""
    document = parsed(text)
    statements = document.get("Statement") if isinstance(document, dict) else None
    for statement in items_of(statements) if statements else ():
        if isinstance(statement, dict):
            yield from idle_actions(statement)


def _immediate(kind: Kind, inputs: dict[str, Any], world: World) -> Iterator[tuple[str, Mention]]:
    covered = set()
    for ref in kind.refs:
        if ref.key is None:
            covered |= {path for path, _ in select(inputs, ref.path)}
        if not ref.later:
            yield from _mentions_of(ref, inputs, world)
    for path, text in _texts(inputs):
        if path in covered:
            continue
        if _is_deferred(kind, path):
            for principal in _principals(text):
                yield from ((path, mention) for mention in mentions(kind.cloud, principal, world))
        else:
            yield from ((path, mention) for mention in mentions(kind.cloud, text, world))


def _mentions_of(ref: Ref, inputs: dict[str, Any], world: World) -> Iterator[tuple[str, Mention]]:
    for path, value in select(inputs, ref.path):
        for name in _names(ref, value):
            # Whoever calls the cloud exists, also if no resource of it stands for them.
            if not _lives_elsewhere(ref, name, world) and name != world.variables.get("principal"):
                yield path, Mention(name, world.find(ref.to, name, ref.by))


def _names(ref: Ref, value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        return
    if ref.key is not None:
        texts = (leaf for path, leaf in leaves(json.loads(value)) if path.endswith(f".{ref.key}"))
        yield from (leaf for leaf in texts if isinstance(leaf, str))
    elif ref.pick is not None:
        match = re.fullmatch(ref.pick, value)
        yield from [match.group(1)] if match else []
    else:
        yield value


def _lives_elsewhere(ref: Ref, value: str, world: World) -> bool:
    if ref.allow is not None and re.fullmatch(ref.allow, value):
        return True
    return not ref.own and of_another_owner(value, world.variables)


def _texts(inputs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in inputs.items():
        if not is_asset(value):
            for path, leaf in leaves(value, key):
                if isinstance(leaf, str):
                    yield path, leaf


def _is_deferred(kind: Kind, path: str) -> bool:
    return path.startswith(kind.deferred)


def _principals(text: str) -> Iterator[str]:
    if text.startswith("{") and "Principal" in text:
        yield from principals(json.loads(text))
