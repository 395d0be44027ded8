"""What settings are written with: sections, and kinds of values with checks of their own."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from components import checks

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")]
Share = Annotated[float, Field(gt=0, lt=1)]
Cron = Annotated[str, AfterValidator(checks.cron)]
TimeZone = Annotated[str, AfterValidator(checks.time_zone)]
Receiver = Annotated[str, AfterValidator(checks.receiver)]
ModelFile = Annotated[str, AfterValidator(checks.model_file)]


class Section(BaseModel):
    """A group of settings; unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, protected_namespaces=()
    )
