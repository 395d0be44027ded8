"""Bad inputs, one or more for every rule of the simulated cloud: each has to be refused."""

from __future__ import annotations

from planted.aws import AWS
from planted.aws import EXTRAS as AWS_EXTRAS
from planted.aws_fields import FIELDS as AWS_FIELDS
from planted.aws_policies import POLICIES
from planted.aws_texts import TEXTS
from planted.azure import AZURE
from planted.azure_fields import FIELDS as AZURE_FIELDS
from planted.azure_texts import TEXTS as AZURE_TEXTS
from planted.gcp import GCP
from planted.gcp_fields import FIELDS as GCP_FIELDS
from planted.gcp_places import PLACES

PLANTED = {
    "aws": [*AWS, *AWS_FIELDS, *POLICIES, *TEXTS],
    "azure-native": [*AZURE, *AZURE_FIELDS, *AZURE_TEXTS],
    "gcp": [*GCP, *GCP_FIELDS, *PLACES],
}
EXTRAS = {"aws": AWS_EXTRAS, "azure-native": {}, "gcp": {}}

__all__ = ["EXTRAS", "PLANTED"]
