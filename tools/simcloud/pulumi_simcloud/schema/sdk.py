"""Derives a resource's input schema from the `*Args` classes of the Pulumi SDKs.

One JSON file per resource type, kept outside the clone by SDK version, so that a server imports
no SDK at all once it has seen the types of a program.
"""

from __future__ import annotations

import collections.abc
import enum
import hashlib
import importlib.util
import inspect
import json
import os
import re
import threading
import types
import typing
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = {"aws": "pulumi_aws", "azure-native": "pulumi_azure_native", "gcp": "pulumi_gcp"}
# The SDKs' modules load on first use, which two threads at once would see half done.
LOADING = threading.Lock()
CONSTANT = re.compile(r"pulumi\.set\(__self__, \"(\w+)\", '([^']*)'\)")
PLAIN = {str: "str", int: "int", float: "num", bool: "bool", Any: "any"}

# Two services of one SDK module call an enum the same, and the SDK kept the other service's.
# Values: Azure REST, Microsoft.Insights/scheduledQueryRules, `ConditionOperator`.
CORRECTIONS = {
    ("pulumi_azure_native.monitor._inputs.ConditionArgs", "operator"): [
        "Equals",
        "GreaterThan",
        "GreaterThanOrEqual",
        "LessThan",
        "LessThanOrEqual",
    ],
    # The service's own templates write both.
    ("pulumi_azure_native.operationalinsights._inputs.ColumnArgs", "type"): [
        "string",
        "int",
        "long",
        "real",
        "boolean",
        "dateTime",
        "datetime",
        "guid",
        "dynamic",
    ],
}


class UnknownTypeError(Exception):
    """A type token that the provider's SDK doesn't have."""


@dataclass(frozen=True)
class ResourceSchema:
    """Input and output properties of one resource type, under their Pulumi (wire) names."""

    token: str
    args: str
    types: dict[str, dict[str, Any]]
    outputs: tuple[str, ...]

    @property
    def properties(self) -> dict[str, Any]:
        """Wire name of each input to `{"node": ..., "required": bool}`."""
        return self.types[self.args]


@cache
def resource_schema(token: str) -> ResourceSchema:
    """The schema of a type token such as `aws:s3/bucket:Bucket`.

    Raises:
        UnknownTypeError: the SDK has no such type.
    """
    package = PACKAGES.get(token.split(":")[0])
    if package is None:
        raise UnknownTypeError(f"type {token!r} belongs to none of {', '.join(sorted(PACKAGES))}")
    file = _cache_folder(package) / f"{re.sub(r'[^A-Za-z0-9]+', '_', token)}.json"
    if file.exists():
        stored = json.loads(file.read_text())
    else:
        with LOADING:
            stored = _derive(package, token)
        _write(file, json.dumps(stored))
    return ResourceSchema(token, stored["args"], stored["types"], tuple(stored["outputs"]))


def all_tokens(package: str) -> dict[str, tuple[str, str]]:
    """Every resource type of an SDK: token to (module, class name)."""
    return {
        token: (module["fqn"], name)
        for module in json.loads(_resource_modules(package))
        for token, name in module["classes"].items()
    }


@cache
def _resource_modules(package: str) -> str:
    # The table is an argument of a call in the SDK's __init__: read from the source, because
    # importing the SDK registers it and keeps only a part.
    source = (_package_folder(package) / "__init__.py").read_text()
    match = re.search(r'resource_modules="""(.*?)"""', source, re.DOTALL)
    if match is None:
        raise UnknownTypeError(f"{package} has no table of resource modules")
    return match.group(1)


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise UnknownTypeError(f"the SDK {package} is not installed")
    return Path(spec.origin).parent


def _cache_folder(package: str) -> Path:
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    code = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    version = metadata.version(package)
    return root / "pulumi-simcloud" / f"{package}-{version}-{code}"


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_text(text)
    draft.replace(file)


def _derive(package: str, token: str) -> dict[str, Any]:
    tokens = all_tokens(package)
    if token not in tokens:
        raise UnknownTypeError(f"type {token!r} is not in {package} {metadata.version(package)}")
    module_name, class_name = tokens[token]
    module = importlib.import_module(module_name)
    resource = getattr(module, class_name)
    args = _args_class(resource, class_name)
    collected: dict[str, dict[str, Any]] = {}
    _add_type(args, collected)
    outputs = sorted(_wire_names(resource).values())
    return {"args": _ref(args), "types": collected, "outputs": outputs}


def _args_class(resource: type, class_name: str) -> type:
    # An input type of the same name (azure-native's ActionGroupArgs) can shadow the resource's
    # args class in the package, never in the resource's own module.
    own = inspect.getmodule(resource)
    for name in (f"{class_name}InitArgs", f"{class_name}Args"):
        if own is not None and hasattr(own, name):
            return getattr(own, name)
    raise UnknownTypeError(f"{class_name} has no args class")


def _wire_names(cls: type) -> dict[str, str]:
    from pulumi._types import input_type_py_to_pulumi_names, is_input_type
    from pulumi._types import resource_py_to_pulumi_names as resource_names

    return input_type_py_to_pulumi_names(cls) if is_input_type(cls) else resource_names(cls)


def _ref(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _add_type(cls: type, collected: dict[str, dict[str, Any]]) -> str:
    ref = _ref(cls)
    if ref in collected:
        return ref
    import pulumi

    properties: dict[str, Any] = {}
    collected[ref] = properties
    init = inspect.unwrap(cls.__init__)
    scope = {"Output": pulumi.Output, "T": type(None)}
    hints = typing.get_type_hints(init, vars(inspect.getmodule(cls)), scope)
    constants = dict(CONSTANT.findall(inspect.getsource(init)))
    names = _wire_names(cls)
    for parameter in inspect.signature(init).parameters.values():
        if parameter.name in names:
            node = _node(hints[parameter.name], collected)
            if parameter.name in constants:
                node = {"t": "enum", "values": [constants[parameter.name]]}
            if (ref, parameter.name) in CORRECTIONS:
                node = {"t": "enum", "values": CORRECTIONS[ref, parameter.name]}
            required = parameter.default is inspect.Parameter.empty
            properties[names[parameter.name]] = {"node": node, "required": required}
    return ref


def _node(hint: Any, collected: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if hint in PLAIN:
        return {"t": PLAIN[hint]}
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _union(typing.get_args(hint), collected)
    if origin in (list, collections.abc.Sequence):
        return {"t": "list", "of": _node(typing.get_args(hint)[0], collected)}
    if origin in (dict, collections.abc.Mapping):
        return {"t": "map", "of": _node(typing.get_args(hint)[1], collected)}
    return _class_node(hint, collected)


def _class_node(hint: Any, collected: dict[str, dict[str, Any]]) -> dict[str, Any]:
    import pulumi
    from pulumi._types import is_input_type

    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"t": "enum", "values": [member.value for member in hint]}
    if isinstance(hint, type) and issubclass(hint, pulumi.Asset | pulumi.Archive):
        return {"t": "asset"}
    if isinstance(hint, type) and is_input_type(hint):
        return {"t": "obj", "ref": _add_type(hint, collected)}
    # A resource passed as an input travels as its id.
    return {"t": "str"} if isinstance(hint, type) else {"t": "any"}


def _union(members: tuple[Any, ...], collected: dict[str, dict[str, Any]]) -> dict[str, Any]:
    import pulumi

    nodes = []
    for member in members:
        awaited = typing.get_origin(member) in (collections.abc.Awaitable, pulumi.Output)
        if member is type(None) or member is pulumi.Output or awaited:
            continue
        node = _node(member, collected)
        if node not in nodes:
            nodes.append(node)
    # The SDKs write an enum as `str | Enum`: the service takes the enum's values only.
    if any(node["t"] == "enum" for node in nodes):
        nodes = [node for node in nodes if node["t"] != "str"]
    return nodes[0] if len(nodes) == 1 else {"t": "union", "of": nodes}
