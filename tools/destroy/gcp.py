"""What a platform made by itself on Google Cloud, and the engine does not know: taken away too.

The pipelines register versions, and the first one of a model makes its entry in Vertex AI.
"""

from __future__ import annotations

from collections.abc import Collection

from tools.destroy.exports import STACK, Export, outputs
from training.errors import UserError
from training.registry.gcp import open_at

BUCKET = "gcp:storage/bucket:Bucket"


def take(before: Export, after: Export, failed: Collection[str]) -> list[str]:
    """Take away the versions of a store that is gone, with which they cannot be served any more.

    `before` and `after` are exports of the stack; nothing here is in the way of the rest, so what
    `failed` says nothing. Returns what that was, in words. Raises UserError if Vertex AI refuses.
    """
    (stack,) = outputs(before, STACK)
    if outputs(after, BUCKET):
        return []
    registry = open_at(stack["registry"])
    try:
        return [
            f"deleted all versions of {model}" for model in stack["models"] if registry.empty(model)
        ]
    except UserError as error:
        raise UserError(f"what the platform registered is left: {error}") from error
