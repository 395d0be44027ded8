"""The catalog: one entry per resource type, by cloud."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from pulumi_simcloud.kinds import Kind

# Pulumi package to its folder here, and to what has to be installed for it.
CLOUDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "aws": ("aws", ("pulumi_aws", "botocore")),
    "azure-native": ("azure", ("pulumi_azure_native",)),
    "gcp": ("gcp", ("pulumi_gcp", "googleapiclient", "celpy")),
}


@cache
def clouds() -> tuple[str, ...]:
    """The Pulumi packages that can be simulated: their folder and their SDK are here."""
    return tuple(
        package
        for package, (folder, modules) in CLOUDS.items()
        if all(map(find_spec, (f"{__name__}.{folder}", *modules)))
    )


@cache
def catalog() -> dict[str, Kind]:
    """Every resource type that the simulated cloud knows, by type token."""
    kinds: dict[str, Kind] = {}
    for package in clouds():
        folder = CLOUDS[package][0]
        module = import_module(f"{__name__}.{folder}")
        kinds |= {kind.token: kind for kind in getattr(module, folder.upper())}
    return kinds


__all__ = ["CLOUDS", "catalog", "clouds"]
