"""The base of the dynamic resources.

A provider stands in an importable module and holds nothing, so that the state names it instead of
holding a copy of its code.
"""

from __future__ import annotations

import json
from typing import Any

from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

Properties = dict[str, Any]


class Provider(ResourceProvider):
    """A provider whose resources are identified by some of their properties."""

    # The provider holds no secret; kept readable in the state.
    serialize_as_secret_always = False
    identity: tuple[str, ...]

    def create(self, props: Properties) -> CreateResult:
        self.make(props)
        return CreateResult("/".join(str(props[name]) for name in self.identity), props)

    def update(self, id: str, olds: Properties, news: Properties) -> UpdateResult:
        self.make(news)
        return UpdateResult(news)

    def diff(self, id: str, olds: Properties, news: Properties) -> DiffResult:
        changed = [name for name in news if olds.get(name) != news[name]]
        replaced = [name for name in changed if name in self.identity]
        return DiffResult(changes=bool(changed), replaces=replaced, delete_before_replace=False)

    def read(self, id: str, props: Properties) -> ReadResult:
        return ReadResult(id if self.exists(props) else "", props)

    def make(self, props: Properties) -> None:
        """Make the resource as `props` say, over what is there."""
        raise NotImplementedError

    def exists(self, props: Properties) -> bool:
        """True unless the resource is known to be gone."""
        return True


class JsonProvider(Provider):
    """A provider of JSON documents, whose property `content` is what they hold.

    Subclasses say where: `write` puts the bytes of a document in their place, `load` returns them
    and raises KeyError or FileNotFoundError if there are none.
    """

    def make(self, props: Properties) -> None:
        self.write(props, f"{json.dumps(plain(props['content']), indent=1)}\n".encode())

    def read(self, id: str, props: Properties) -> ReadResult:
        try:
            content = json.loads(self.load(props))
        except (KeyError, FileNotFoundError, json.JSONDecodeError):
            return ReadResult("", props)
        return ReadResult(id, {**props, "content": content})

    def write(self, props: Properties, content: bytes) -> None:
        raise NotImplementedError

    def load(self, props: Properties) -> bytes:
        raise NotImplementedError


def plain(value: Any) -> Any:
    """The engine hands numbers over as floats; whole ones are written as they were given."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value
