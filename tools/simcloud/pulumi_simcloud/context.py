"""Values that a template of the catalog can use while a resource is made."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.property_values import UNKNOWN

FIELD = re.compile(r"\{([^{}|]+)(?:\|(\w+))?\}")

FORMS: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "bare": lambda text: text.removeprefix("https://").removeprefix("/"),
    "last": lambda text: text.rsplit("/", 1)[-1],
}


@dataclass(frozen=True)
class Context:
    """The inputs of a resource, the platform's variables, and a seed for made-up identifiers."""

    inputs: dict[str, Any]
    variables: Mapping[str, Any]
    seed: str

    def get(self, path: str) -> Any:
        """The input or variable at a dotted path, `UNKNOWN` if not known, None if not there."""
        if path in self.variables:
            return self.variables[path]
        value: Any = self.inputs
        for key in path.split("."):
            if value is UNKNOWN:
                return UNKNOWN
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def fill(self, template: str) -> Any:
        """A template with its fields filled in; `UNKNOWN` if any of them is."""
        values = [self._field(match) for match in FIELD.finditer(template)]
        if any(value is UNKNOWN for value in values):
            return UNKNOWN
        rest = iter(values)
        return FIELD.sub(lambda _: str(next(rest)), template)

    def hex(self, length: int, salt: str = "") -> str:
        """A made-up hexadecimal identifier, always the same for one resource."""
        return hashlib.sha256(f"{self.seed}/{salt}".encode()).hexdigest()[:length]

    def digits(self, length: int, salt: str = "") -> str:
        """A made-up decimal identifier without leading zero."""
        number = int(self.hex(60, f"digits{salt}"), 16) % (9 * 10 ** (length - 1))
        return str(number + 10 ** (length - 1))

    def uuid(self, salt: str = "") -> str:
        """A made-up UUID."""
        return str(uuid.UUID(self.hex(32, f"uuid{salt}"), version=4))

    def _field(self, match: re.Match[str]) -> Any:
        path, form = match.groups()
        generator = re.fullmatch(r"(hex|digits):(\d+)", path)
        if generator:
            return getattr(self, generator.group(1))(int(generator.group(2)))
        value = self.uuid() if path == "uuid" else self.get(path)
        if value is None:
            raise CloudError(f"InvalidArgument: {path!r} is not given, and has no default")
        return FORMS[form](value) if form and isinstance(value, str) else value
