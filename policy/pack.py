"""The pack as Pulumi's policy engine takes it: each policy sees the whole stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from policy.access import ACCESS
from policy.encryption import ENCRYPTION
from policy.model import LATER, Policy, Resource, Stack
from policy.operations import OPERATIONS
from policy.signals import SIGNALS

POLICIES = (*ENCRYPTION, *ACCESS, *OPERATIONS, *SIGNALS)
STACKS = Path(__file__).absolute().parent.parent / "stacks"


def register() -> None:
    """Tell the engine of every policy; all are mandatory."""
    from pulumi_policy import EnforcementLevel, PolicyPack, StackValidationPolicy

    PolicyPack(
        name="mlops",
        enforcement_level=EnforcementLevel.MANDATORY,
        policies=[
            StackValidationPolicy(policy.name, policy.description, _validation(policy))
            for policy in POLICIES
        ],
    )


def _validation(policy: Policy) -> Callable[[Any, Any], None]:
    def validate(args: Any, report: Any) -> None:
        import pulumi

        stack = Stack(
            name=pulumi.get_stack(),
            resources=[
                Resource(
                    resource.resource_type,
                    resource.name,
                    _plain(resource.props),
                    resource.opts.protect,
                )
                for resource in args.resources
            ],
            config=_config(pulumi.get_stack()),
        )
        urns = {
            (resource.resource_type, resource.name): resource.urn for resource in args.resources
        }
        for resource, reason in policy.check(stack):
            message = f"{resource.name}: {reason}" if resource else reason
            report(message, urns[resource.type, resource.name] if resource else None)

    return validate


def _plain(value: Any) -> Any:
    """Inputs without the proxies of the policy engine, which raise at what a preview can't know."""
    if isinstance(value, Mapping):
        return {key: _plain(_item(value, key)) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(_item(value, index)) for index in range(len(value))]
    return value


def _item(value: Any, key: Any) -> Any:
    from pulumi_policy.proxy import UnknownValueError

    try:
        return value[key]
    except UnknownValueError:
        return LATER


def _config(stack: str) -> dict[str, Any]:
    """The stack file's settings as they stand there: secrets encrypted."""
    import yaml

    file = STACKS / f"Pulumi.{stack}.yaml"
    return (yaml.safe_load(file.read_text()) or {}).get("config", {}) if file.exists() else {}
