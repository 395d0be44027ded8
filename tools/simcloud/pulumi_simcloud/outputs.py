"""Outputs of the cloud when a resource is made or changed."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.context import Context
from pulumi_simcloud.kinds import Kind, Output
from pulumi_simcloud.platforms import common_outputs
from pulumi_simcloud.property_values import DEFAULTS, UNKNOWN
from pulumi_simcloud.schema import resource_schema

Values = dict[str, Any]


def outputs_of(kind: Kind, inputs: Values, variables: Values, serial: str, preview: bool) -> Values:
    """Inputs the service echoes, what the platform adds, what the service makes up."""
    schema = resource_schema(kind.token)
    outputs = {
        key: value for key, value in inputs.items() if key in schema.outputs and key != DEFAULTS
    }
    outputs |= common_outputs(schema, inputs, variables)
    for key, output in kind.planned.items():
        outputs[key] = value_of(output, Context({**inputs, **outputs}, variables, serial))
    for key, output in kind.computed.items():
        seed = f"{serial}{sorted(map(str, inputs.items()))}" if key in kind.volatile else serial
        context = Context({**inputs, **outputs}, variables, seed)
        outputs[key] = UNKNOWN if preview else value_of(output, context)
    return {key: value for key, value in outputs.items() if value is not None}


def value_of(output: Output, context: Context) -> Any:
    """An output of the catalog: a template filled in, or a function called."""
    return context.fill(output) if isinstance(output, str) else output(context)
