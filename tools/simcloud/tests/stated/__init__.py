"""Limits that the clouds' references state, from both sides."""

from __future__ import annotations

from stated.aws import AWS
from stated.aws_answers import ANSWERS
from stated.aws_beside import BESIDE
from stated.aws_elsewhere import ELSEWHERE as AWS_ELSEWHERE
from stated.aws_pipelines import PIPELINES
from stated.aws_together import TOGETHER
from stated.azure import AZURE
from stated.azure_answers import AZURE_ANSWERS
from stated.azure_fields import AZURE_FIELDS
from stated.azure_limits import AZURE_LIMITS
from stated.azure_logic import AZURE_TEXTS
from stated.azure_places import AZURE_PLACES
from stated.azure_services import AZURE_SERVICES
from stated.azure_sizes import AZURE_SIZES
from stated.case import Stated
from stated.gcp import GCP
from stated.gcp_data import DATA
from stated.gcp_elsewhere import ELSEWHERE
from stated.gcp_events import EVENTS
from stated.gcp_limits import LIMITS
from stated.gcp_operations import OPERATIONS

STATED: dict[str, list[Stated]] = {
    "aws": [*AWS, *TOGETHER, *BESIDE, *PIPELINES, *ANSWERS, *AWS_ELSEWHERE],
    "azure-native": [
        *AZURE,
        *AZURE_TEXTS,
        *AZURE_FIELDS,
        *AZURE_SERVICES,
        *AZURE_PLACES,
        *AZURE_ANSWERS,
        *AZURE_LIMITS,
        *AZURE_SIZES,
    ],
    "gcp": [*GCP, *DATA, *EVENTS, *OPERATIONS, *LIMITS, *ELSEWHERE],
}

__all__ = ["STATED"]
