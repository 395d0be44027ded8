"""Conditions of IAM policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pulumi_simcloud.permissions import NotUnderstoodError
from pulumi_simcloud.permissions.globs import arn_fits, fits

# Keys that a call of this simulation has, or is known not to have: a request made by a person or a
# pipeline comes from no other service, and from no organization's or VPC's endpoint.
MODELLED = (
    "aws:requesttag/",
    "aws:resourcetag/",
    "aws:tagkeys",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:securetransport",
    "aws:requestedregion",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:calledvia",
    "aws:viaawsservice",
    "iam:passedtoservice",
    "iam:policyarn",
    "iam:permissionsboundary",
    "kms:viaservice",
    "kms:grantisforawsresource",
)


def _bool(value: str, expected: str) -> bool:
    return value.lower() == expected.lower()


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda value, expected: compare(float(value), float(expected))


TESTS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda value, expected: value == expected,
    "stringequalsignorecase": lambda value, expected: value.lower() == expected.lower(),
    "stringlike": fits,
    "arnequals": arn_fits,
    "arnlike": arn_fits,
    "bool": _bool,
    "numericequals": _number(lambda value, expected: value == expected),
    "numericlessthan": _number(lambda value, expected: value < expected),
    "numericlessthanequals": _number(lambda value, expected: value <= expected),
    "numericgreaterthan": _number(lambda value, expected: value > expected),
    "numericgreaterthanequals": _number(lambda value, expected: value >= expected),
}
NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "numericnotequals": "numericequals",
}


def holds(condition: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    """True if all tests of a condition hold.

    Raises:
        NotUnderstoodError: an operator or a key is not known here.
    """
    return all(
        _test_holds(operator, key.lower(), _texts(expected), context)
        for operator, tests in condition.items()
        for key, expected in tests.items()
    )


def _test_holds(operator: str, key: str, expected: list[str], context: Mapping[str, Any]) -> bool:
    if key not in context and not key.startswith(MODELLED):
        raise NotUnderstoodError(f"NotUnderstood: the condition key {key!r}")
    quantifier, _, plain = operator.lower().rpartition(":")
    optional = plain.endswith("ifexists")
    plain = plain.removesuffix("ifexists")
    values = _texts(context.get(key)) if context.get(key) is not None else []
    if plain == "null":
        return (not values) == (expected == ["true"])
    negated = plain in NEGATED
    test = TESTS.get(NEGATED.get(plain, plain))
    if test is None or quantifier not in ("", "forallvalues", "foranyvalue"):
        raise NotUnderstoodError(f"NotUnderstood: the condition operator {operator!r}")
    if not values:
        # Without the key only the negated tests and those of all values hold.
        return optional or quantifier == "forallvalues" or (negated and quantifier == "")

    def passes(value: str) -> bool:
        return any(test(value, item) for item in expected) != negated

    if quantifier == "foranyvalue":
        return any(map(passes, values))
    return all(map(passes, values))


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in items]
