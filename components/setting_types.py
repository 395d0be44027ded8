"""Types that settings are written with: sections, and kinds of values with checks of their own.

A check returns its value, or raises ValueError that says what is allowed.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from components import targets
from training import models
from training.serving.cron import trigger

# Plain HTTP does not leave these.
THIS_COMPUTER = ("127.0.0.1", "localhost")


def cron(expression: str) -> str:
    """A cron expression of five fields."""
    try:
        trigger(expression, "UTC")
    except ValueError as error:
        raise ValueError(
            f"not a cron expression ({error}); allowed: minute hour day month weekday, "
            "such as '0 6 * * *'"
        ) from None
    return expression


def time_zone(name: str) -> str:
    """An IANA time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            "not a time zone; allowed: an IANA name such as UTC or America/New_York"
        ) from None
    return name


def receiver(address: str) -> str:
    """The address of an alarm's receiver."""
    scheme, _, name = address.partition(":")
    try:
        host = urlsplit(address).hostname
    except ValueError:  # a bracket without its other one
        host = None
    is_valid = {"https": bool(host), "http": host in THIS_COMPUTER, "env": name.isidentifier()}
    if not is_valid.get(scheme):
        raise ValueError(
            "not a receiver; allowed: an https URL, or env:NAME for a URL with a secret in it"
        )
    return address


def target(name: str) -> str:
    """A target, by its name."""
    if name not in targets.names():
        raise ValueError(f"no such target; allowed: {', '.join(targets.names())}")
    return name


def model_file(name: str) -> str:
    """A file of `training/models`, by its name."""
    if name not in models.names():
        raise ValueError(f"no such file in training/models; allowed: {', '.join(models.names())}")
    return name


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")]
Share = Annotated[float, Field(gt=0, lt=1)]
Effect = Annotated[float, Field(ge=0, le=1)]
Cron = Annotated[str, AfterValidator(cron)]
TargetName = Annotated[str, AfterValidator(target)]
TimeZone = Annotated[str, AfterValidator(time_zone)]
Receiver = Annotated[str, AfterValidator(receiver)]
ModelFile = Annotated[str, AfterValidator(model_file)]


class Section(BaseModel):
    """A group of settings; unknown keys are refused, and numbers that are not finite."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        alias_generator=to_camel,
        protected_namespaces=(),
    )
