"""CloudWatch on the simulated cloud: what a destroy does with alarms that releases left.

Clients of the service are sent here by ``AWS_ENDPOINT_URL_CLOUDWATCH``. Of the protocols that its
service model lists, botocore takes AWS JSON 1.0 (``ServiceModel.resolved_protocol``).
"""

from __future__ import annotations

import json
import re

from pulumi_simcloud.catalog.aws.common import METRIC_ALARM
from pulumi_simcloud.cloud import Cloud
from pulumi_simcloud.constraints.botocore_models import check_call
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.planes import Handler, Plane
from pulumi_simcloud.platforms import variables
from pulumi_simcloud.state import State

URL = "AWS_ENDPOINT_URL_CLOUDWATCH"
TARGET = "GraniteServiceVersion20100801.DeleteAlarms"
# Of a signed request, the region in the scope of its credentials.
SCOPE = re.compile(r"Credential=[^/]+/\d+/([a-z0-9-]+)/monitoring/")
AWS_JSON = {"content-type": "application/x-amz-json-1.0"}


class RefusedError(Exception):
    """An error of the service model; `code` is its shape's name there."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Alarms(Plane):
    """Serves what CloudWatch has of one simulated cloud."""

    def __init__(self, state: State) -> None:
        super().__init__(state, _Handler)


class _Handler(Handler):
    server: Alarms

    def do_POST(self) -> None:  # noqa: N802
        body = self.content()
        try:
            self._delete(body)
            status, answer = 200, {}
        except RefusedError as refused:
            status, answer = 400, {"__type": refused.code, "message": str(refused)}
        except CloudError as refused:
            status, answer = 400, {"__type": "InternalServiceFault", "message": str(refused)}
        self.answer(status, json.dumps(answer).encode(), AWS_JSON)

    def _delete(self, body: bytes) -> None:
        """Delete alarms; of those that are not there, say so after the others are deleted.

        "If you specify any incorrect alarm names, the alarms you specify with correct names are
        still deleted"; whether ResourceNotFound of the service model comes of it is not said, so
        clients have to take it. Source:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
        """
        target = self.headers.get("x-amz-target", "")
        scope = SCOPE.search(self.headers.get("authorization", ""))
        if target != TARGET or scope is None:
            raise CloudError(f"the simulated cloud has no operation {target!r}")
        request = json.loads(body)
        wrong = [item.reason for item in check_call("cloudwatch:DeleteAlarms", request)]
        if wrong:
            raise RefusedError("InvalidParameterValue", "; ".join(wrong))
        state = self.server.state
        with state.transaction() as transaction:
            rows = transaction.rows(METRIC_ALARM)
        alarms = {row.outputs["name"]: row for row in rows}
        cloud = Cloud(state, variables("aws", {"region": scope[1]}))
        for name in alarms.keys() & set(request["AlarmNames"]):
            cloud.delete(alarms[name].urn, alarms[name].id)
        for name in request["AlarmNames"]:
            if name not in alarms:
                raise RefusedError("ResourceNotFound", f"there is no alarm {name}")
