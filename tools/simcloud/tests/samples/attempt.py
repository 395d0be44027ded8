"""Attempts to make one sample in another way, which leave no trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from planted.case import changed

from samples.world import Filled

Change = dict[str, Any]
Before = tuple[tuple[str, str, Change], ...]


@contextmanager
def without(world: Filled, sample: str, before: Before) -> Iterator[None]:
    """The world without a sample, with what has to be there; as it was after."""
    content = world.cloud.state.file.read_bytes()
    outputs, like = dict(world.outputs), dict(world.like)
    try:
        token = world.urn(sample).split("::")[2]
        with world.cloud.state.transaction() as transaction:
            transaction.remove(token, outputs[sample]["id"])
        for name, other, change in before:
            world.create(name, world.filled(changed(world.inputs(other), change)), other)
        yield
    finally:
        world.cloud.state.file.write_bytes(content)
        world.outputs, world.like = outputs, like


def attempt(world: Filled, sample: str, change: Change, before: Before = ()) -> None:
    """Makes a sample with a change.

    Raises:
        CloudError: it is refused.
    """
    with without(world, sample, before):
        world.create(sample, world.filled(changed(world.inputs(sample), change)))
