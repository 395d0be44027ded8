"""SSM: what its documentation says of parameters.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pulumi_simcloud.catalog.aws.documented.encryption import symmetric
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.rules.basic import PathRule
from pulumi_simcloud.rules.fields import not_with, only_with


def _long_name(inputs: Inputs, world: Existing) -> Iterator[str]:
    """With the ARN in front, a name has at most 1011 characters (PutParameter: Name)."""
    name = inputs.get("name")
    arn = "arn:{partition}:ssm:{region}:{account}:parameter/".format(**world.variables)
    if isinstance(name, str) and len(arn) + len(name.lstrip("/")) > 1011:
        yield f"ValidationException: the name has {len(name)} characters, with its ARN over 1011"


def _parameter(inputs: Inputs) -> Iterator[Failure]:
    """PutParameter: Name, Value, Tier, AllowedPattern, DataType."""
    name, value = inputs.get("name"), inputs.get("value", inputs.get("insecureValue"))
    if isinstance(name, str):
        first = name.lstrip("/").split("/")[0].lower()
        if first.startswith(("aws", "ssm")):
            yield Failure("name", f"{excerpt(name)}: names that begin with aws or ssm are reserved")
        if not re.fullmatch(r"arn:\S+|[\w./-]+", name, re.ASCII):
            yield Failure("name", f"{excerpt(name)}: only letters, digits and _ . - / are allowed")
        if name.lstrip("/").count("/") >= 15:
            yield Failure("name", f"{excerpt(name)} has more than 15 levels")
        if name.endswith("/"):
            yield Failure("name", f"{excerpt(name)} must not end with a slash")
        if "//" in name:
            yield Failure("name", f"{excerpt(name)} has a level without a name")
        if "/" in name and not name.startswith("/"):
            yield Failure("name", f"{excerpt(name)} has levels and no / in front")
    if not isinstance(value, str):
        return
    longest = 4096 if inputs.get("tier", "Standard") == "Standard" else 8192
    if len(value.encode()) > longest:
        yield Failure("value", f"has {len(value)} characters, allowed are {longest}")
    if "{{" in value:
        yield Failure("value", "parameters can't be nested in the values of others")
    expression = inputs.get("allowedPattern")
    if isinstance(expression, str):
        try:
            fits = re.search(expression, value) is not None
        except re.error as error:
            yield Failure("allowedPattern", f"{excerpt(expression)} is no expression: {error}")
        else:
            if not fits:
                yield Failure("value", f"does not match allowedPattern {expression}")
    if not value:
        yield Failure("value", "has 0 characters, allowed are 1 or more")
    image = inputs.get("dataType") == "aws:ec2:image"
    if image and not re.fullmatch(r"ami-[0-9a-f]{8,17}", value):
        yield Failure("value", f"{excerpt(value)} is no image")


RULES: dict[str, tuple[Rule, ...]] = {
    "aws:ssm/parameter:Parameter": (
        PathRule(("name", "value", "allowedPattern"), _parameter),
        only_with("keyId", "type", "SecureString"),
        not_with("dataType", "type", "SecureString", "StringList"),
        not_with("insecureValue", "type", "SecureString"),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    "aws:ssm/parameter:Parameter": (_long_name, symmetric("keyId")),
}
