"""Objects in buckets: what object resources write, and buckets that aren't empty."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from pulumi_simcloud.context import Context
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.property_values import is_asset
from pulumi_simcloud.state import Transaction


def store(transaction: Transaction, kind: Kind, context: Context) -> None:
    """Writes the object that an object resource stands for."""
    if kind.object_in:
        container, key = object_place(kind, context)
        transaction.write_object(container, key, body_of(context.inputs))


def discard(transaction: Transaction, kind: Kind, context: Context) -> None:
    """Removes a resource's objects: its own, or a bucket's when that is asked for.

    Raises:
        CloudError: the bucket isn't empty and emptying it wasn't asked for.
    """
    if kind.object_in:
        transaction.drop_objects(*object_place(kind, context))
    if kind.contents:
        container = context.fill(kind.contents)
        keys = transaction.objects(container)
        if keys and not (kind.force and context.get(kind.force)):
            raise CloudError(
                f"BucketNotEmpty: {kind.title} {container!r} holds {len(keys)} objects"
                f" ({keys[0]!r}, ...)"
            )
        transaction.drop_objects(container)


def object_place(kind: Kind, context: Context) -> tuple[str, str]:
    """The store and the key of an object resource."""
    if kind.object_in is None or kind.name is None:
        raise ValueError(f"{kind.token} is not an object in a store")
    return context.fill(kind.object_in), context.get(kind.name.property)


def body_of(inputs: dict[str, Any]) -> bytes:
    """The content that an object resource's inputs give or point at.

    Raises:
        CloudError: it points at a file that can't be read.
    """
    if isinstance(inputs.get("content"), str):
        return inputs["content"].encode()
    if isinstance(inputs.get("contentBase64"), str):
        return base64.b64decode(inputs["contentBase64"])
    source: Any = inputs.get("source")
    if is_asset(source) and "text" in source:
        return source["text"].encode()
    if is_asset(source) and "path" in source:
        return _file(source["path"])
    return _file(source) if isinstance(source, str) else b""


def _file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CloudError(f"cannot read the object's source {path!r}: {error.strerror}") from error
