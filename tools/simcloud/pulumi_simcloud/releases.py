"""SageMaker on the simulated cloud: what a destroy does with models that releases left.

Clients of the service are sent here by ``AWS_ENDPOINT_URL_SAGEMAKER``. Models and endpoint
configurations are the cloud's resources, whoever made them; the packages of a group are its
content, so the cloud refuses to delete a group that has any.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from pulumi_simcloud.cloud import Cloud
from pulumi_simcloud.constraints.botocore_models import check_call
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.planes import Handler, Plane
from pulumi_simcloud.platforms import variables
from pulumi_simcloud.state import Row, State

URL = "AWS_ENDPOINT_URL_SAGEMAKER"
MODEL = "aws:sagemaker/model:Model"
CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
# Of a signed request, the region in the scope of its credentials.
SCOPE = re.compile(r"Credential=[^/]+/\d+/([a-z0-9-]+)/sagemaker/")
PACKAGE = re.compile(r"arn:[^/]+:model-package/([^/]+)/(\d+)")
AWS_JSON = {"content-type": "application/x-amz-json-1.1"}

Json = dict[str, Any]


class Releases(Plane):
    """Serves what SageMaker has of one simulated cloud."""

    def __init__(self, state: State) -> None:
        super().__init__(state, _Handler)


class _Handler(Handler):
    server: Releases

    def do_POST(self) -> None:  # noqa: N802
        try:
            status, answer = 200, self._response(json.loads(self.content()))
        except CloudError as refused:
            status, answer = 400, {"__type": "ValidationException", "message": str(refused)}
        self.answer(status, json.dumps(answer).encode(), AWS_JSON)

    def _response(self, request: Json) -> Json:
        operation = self.headers.get("x-amz-target", "").removeprefix("SageMaker.")
        scope = SCOPE.search(self.headers.get("authorization", ""))
        if operation not in OPERATIONS or scope is None:
            raise CloudError(f"the simulated cloud has no operation {operation!r}")
        wrong = [item.reason for item in check_call(f"sagemaker:{operation}", request)]
        if wrong:
            raise CloudError("; ".join(wrong))
        return OPERATIONS[operation](SageMaker(self.server.state, scope[1]), request)


class SageMaker:
    """The service in one region of a simulated cloud."""

    def __init__(self, state: State, region: str) -> None:
        self.state, self.region = state, region
        self._variables = variables("aws", {"region": region})

    def summaries(self, token: str, key: str, request: Json) -> list[Json]:
        """Summaries of models or configurations; `key` is what the service calls them."""
        part = request.get("NameContains", "")
        outputs = [row.outputs for row in self._rows(token) if part in row.outputs["name"]]
        return [
            {f"{key}Name": output["name"], f"{key}Arn": output["arn"], "CreationTime": 0}
            for output in outputs
        ]

    def delete(self, token: str, name: str) -> Json:
        """Delete one of them; CloudError if there is none, or others use it."""
        for row in self._rows(token):
            if row.outputs["name"] == name:
                Cloud(self.state, self._variables).delete(row.urn, row.id)
                return {}
        raise CloudError(f'Could not find {token.rsplit(":", 1)[-1]} "{name}".')

    def packages(self, group: str) -> list[Json]:
        """Summaries of what is in a group of model packages."""
        with self.state.transaction() as transaction:
            versions = transaction.objects(self.content(group))
        arn = "arn:{partition}:sagemaker:{region}:{account}:model-package".format(**self._variables)
        return [
            {
                "ModelPackageGroupName": group,
                "ModelPackageVersion": int(version),
                "ModelPackageArn": f"{arn}/{group}/{version}",
                "ModelPackageStatus": "Completed",
                "CreationTime": 0,
            }
            for version in versions
        ]

    def delete_package(self, arn: str) -> Json:
        """Delete one of them; CloudError if there is none."""
        match = PACKAGE.fullmatch(arn)
        with self.state.transaction() as transaction:
            if match is None or match[2] not in transaction.objects(self.content(match[1])):
                raise CloudError(f"ModelPackage {arn} does not exist")
            transaction.drop_objects(self.content(match[1]), match[2])
        return {}

    def content(self, group: str) -> str:
        """The catalog's name for the content of a group."""
        return f"model-packages/{self.region}/{group}"

    def _rows(self, token: str) -> list[Row]:
        with self.state.transaction() as transaction:
            return transaction.rows(token)


OPERATIONS: dict[str, Callable[[SageMaker, Json], Json]] = {
    "ListModels": lambda service, request: {"Models": service.summaries(MODEL, "Model", request)},
    "ListEndpointConfigs": lambda service, request: {
        "EndpointConfigs": service.summaries(CONFIG, "EndpointConfig", request)
    },
    "ListModelPackages": lambda service, request: {
        "ModelPackageSummaryList": service.packages(request["ModelPackageGroupName"])
    },
    "DeleteModel": lambda service, request: service.delete(MODEL, request["ModelName"]),
    "DeleteEndpointConfig": lambda service, request: service.delete(
        CONFIG, request["EndpointConfigName"]
    ),
    "DeleteModelPackage": lambda service, request: service.delete_package(
        request["ModelPackageName"]
    ),
}
