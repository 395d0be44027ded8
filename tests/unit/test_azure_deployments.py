"""A deployment on Azure ML is made, waited for and left alone, as a release asks for it.

The states are those of learn.microsoft.com, "Online Deployments - Get": Creating, Updating,
Scaling, Deleting, Succeeded, Failed, Canceled.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.serving.platforms import make_platform, write_part
from tests.unit import wire
from tests.unit.release_stack import Time
from tests.unit.wire import Request, Response
from training.clients import http
from training.endpoint import RefusedError, azure, azure_deployments
from training.endpoint.azure_deployments import Deployments
from training.errors import PassingError
from training.platform import Platform

GROUP = "/subscriptions/s/resourceGroups/g"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/w"
ENDPOINT = f"{WORKSPACE}/onlineEndpoints/dev-toys"
PATH = f"{ENDPOINT}/deployments/v000003"
SCALING = f"{GROUP}/providers/Microsoft.Insights/autoscaleSettings/dev-toys-v000003"
PART: dict[str, Any] = {
    "endpoint": "dev-toys", "location": "westeurope", "environment": "azureml:/subscriptions/s/env",
    "instance_type": "Standard_DS2_v2", "instances": 2, "max_instances": 5, "workers": 4,
    "tags": {}, "capture": {"percent": 30, "folder": "models/toys/captures"},
}  # fmt: skip
MANIFEST: dict[str, Any] = {
    "model": "toys", "version": 3,
    "artifact": {"sha256": "ab", "key": "models/toys/artifacts/3/model.joblib"},
    "compiled": {"sha256": "cd", "key": "models/toys/compiled/3.onnx"},
}  # fmt: skip


class Arm:
    """Resources by their ids; a deployment takes the states of `course`, one a look."""

    def __init__(self) -> None:
        self.resources: dict[str, Any] = {}
        self.course: list[str] = ["Creating", "Succeeded"]
        self.puts: list[str] = []
        self.busy = 0
        self.refusal: Response | None = None
        # Where the service tells how a change went, and what it tells.
        self.operation = ""
        self.outcome = Response({})
        self.asked = 0

    def answer(self, request: Request) -> Response:
        path = f"/{request.path}"
        if request.host == "x.inference.ml.azure.com":
            assert request.headers["azureml-model-deployment"] == "v000003"
            self.asked += 1
            return Response({"predictions": ["a"], "scores": [0.5]})
        if self.operation and request.path == self.operation:
            return self.outcome
        version = "2022-10-01" if "autoscale" in path else "2025-12-01"
        assert request.query["api-version"] == version
        if request.method == "PUT":
            return self._put(path, request)
        assert request.method == "GET"
        if path == PATH and path in self.resources and self.course:
            state = self.course.pop(0) if len(self.course) > 1 else self.course[0]
            if state == "gone":
                del self.resources[path]
                self.course = ["Creating", "Succeeded"]
            else:
                self.resources[path]["properties"]["provisioningState"] = state
        if path not in self.resources:
            return Response({"error": {"code": "ResourceNotFound"}}, 404)
        return Response(self.resources[path])

    def _put(self, path: str, request: Request) -> Response:
        if path == PATH and self.busy:
            self.busy -= 1
            return Response({"error": {"code": "Locked"}}, 423 if self.busy else 409)
        if path == PATH and self.refusal:
            return self.refusal
        self.puts.append(path)
        self.resources[path] = request.json
        if not self.operation:
            return Response({})
        address = f"https://management.azure.com/{self.operation}?api-version=2025-12-01"
        return Response({}, 201, {"Azure-AsyncOperation": address})


@pytest.fixture
def arm() -> Arm:
    return Arm()


@pytest.fixture
def platform(tmp_path: Path, arm: Arm, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A stack in Azure, whose store is a folder."""
    wire.connect(monkeypatch, arm.answer)
    local = make_platform(tmp_path)
    package = "packages/0123abcd/mlops.whl"
    write_part(local, "toys", "pipelines/training.json", {"package": package})
    local.store.write(package, b"wheel")
    local.store.write(MANIFEST["compiled"]["key"], b"onnx")
    registry = "azureml://subscriptions/s/resourceGroups/g/workspaces/w"
    return Platform(tmp_path, {**local.document, "target": "azure", "registry": registry})


def deployments(platform: Platform, **changes: Any) -> Deployments:
    return Deployments(platform, "toys", {**PART, **changes})


def test_a_deployment_is_made_with_its_code_its_folders_and_its_scaling(
    platform: Platform, arm: Arm
) -> None:
    assert deployments(platform).create(MANIFEST) is True
    code = f"{WORKSPACE}/codes/dev-toys/versions/0123abcd"
    data = {
        kind: f"{WORKSPACE}/data/dev-toys-{kind}/versions/3" for kind in ("request", "response")
    }
    assert set(arm.puts) == {code, *data.values(), PATH, SCALING}
    assert arm.puts[-2:] == [PATH, SCALING], "what it names is there before it"
    folder = "models/toys/scoring/0123abcd"
    assert arm.resources[code] == {"properties": {"codeUri": f"{platform.store.uri}/{folder}"}}
    for kind, asset in data.items():
        uri = arm.resources[asset]["properties"]["dataUri"]
        assert uri.endswith(f"/paths/models/toys/captures/v000003/{kind}")
        assert uri.startswith("azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/")
        assert arm.resources[asset]["properties"]["dataType"] == "uri_folder"
    made = arm.resources[PATH]["properties"]
    assert made["model"] == f"{WORKSPACE}/models/toys/versions/3"
    assert made["codeConfiguration"] == {"codeId": code, "scoringScript": "score.py"}
    ids = {name: entry["dataId"] for name, entry in made["dataCollector"]["collections"].items()}
    assert ids == data
    scaling = arm.resources[SCALING]
    assert scaling["properties"]["targetResourceUri"] == PATH
    capacity = scaling["properties"]["profiles"][0]["capacity"]
    assert capacity == {"minimum": "2", "maximum": "5", "default": "2"}


def test_what_the_container_needs_lies_beside_the_model(platform: Platform) -> None:
    deployments(platform).create(MANIFEST)
    store = platform.store
    assert json.loads(store.read("models/toys/artifacts/3/result.json")) == MANIFEST
    assert store.read("models/toys/artifacts/3/compiled.onnx") == b"onnx"
    assert store.read("models/toys/scoring/0123abcd/mlops.whl") == b"wheel"
    script = store.read("models/toys/scoring/0123abcd/score.py").decode()
    compile(script, "score.py", "exec")
    assert "from training.scoring.azure import init, run" in script and "*.whl" in script


def test_without_a_compiled_predictor_none_is_copied(platform: Platform) -> None:
    for compiled in (None, {"reason": "cannot"}):
        deployments(platform).create({**MANIFEST, "compiled": compiled})
    with pytest.raises(KeyError):
        platform.store.read("models/toys/artifacts/3/compiled.onnx")


def test_settings_without_captures_or_scaling_make_neither(platform: Platform, arm: Arm) -> None:
    deployments(platform, max_instances=2, capture={"percent": 0}).create(MANIFEST)
    assert [path for path in arm.puts if "codes" not in path] == [PATH]


def test_a_deployment_of_the_present_settings_is_left_alone(platform: Platform, arm: Arm) -> None:
    deployments(platform).create(MANIFEST)
    arm.puts.clear()
    assert deployments(platform).create(MANIFEST) is False and arm.puts == []
    # Autoscaling may have added some.
    arm.resources[PATH]["sku"]["capacity"] = 4
    assert deployments(platform).create(MANIFEST) is False and arm.puts == []
    for changes in (
        {"instances": 5}, {"instance_type": "Standard_DS3_v2"},
        {"capture": {"percent": 40, "folder": "models/toys/captures"}},
    ):  # fmt: skip
        assert deployments(platform, **changes).create(MANIFEST) is True
        assert PATH in arm.puts
        deployments(platform).create(MANIFEST)
        arm.puts.clear()


@pytest.mark.parametrize("state", ["Failed", "Canceled"])
def test_one_that_failed_before_is_made_anew(state: str, platform: Platform, arm: Arm) -> None:
    deployments(platform).create(MANIFEST)
    arm.puts.clear()
    arm.course = [state, state, state, "Succeeded"]
    assert deployments(platform).create(MANIFEST) is True and PATH in arm.puts


def test_what_is_under_way_is_waited_for(platform: Platform, arm: Arm) -> None:
    deployments(platform).create(MANIFEST)
    arm.puts.clear()
    arm.course = ["Updating", "Updating", "Updating", "Succeeded"]
    assert deployments(platform).create(MANIFEST) is False and arm.puts == []
    arm.course = ["Deleting", "Deleting", "gone"]
    assert deployments(platform).create(MANIFEST) is True and PATH in arm.puts


def test_a_change_is_sent_once_nothing_else_is_under_way(platform: Platform, arm: Arm) -> None:
    arm.busy = 3
    assert deployments(platform).create(MANIFEST) is True
    assert arm.busy == 0 and arm.puts.count(PATH) == 1


def test_what_does_not_come_up_is_a_verdict(platform: Platform, arm: Arm) -> None:
    arm.course = ["Creating", "Failed"]
    text = "Azure ML did not bring up deployment v000003: it is Failed"
    with pytest.raises(RefusedError, match=text):
        deployments(platform).create(MANIFEST)
    assert SCALING not in arm.puts


@pytest.mark.parametrize(
    ("status", "content", "reason"),
    [
        # learn.microsoft.com, "Track asynchronous Azure operations": status and error of one that
        # failed; "Troubleshoot online endpoints", common deployment errors.
        (200, {"status": "Failed", "error": {"code": "OutOfQuota", "message": "8 cores needed"}},
         "OutOfQuota: 8 cores needed"),
        (200, {"status": "Failed"}, "UnknownError: "),
        (403, {"error": {"code": "AuthorizationFailed"}}, "and why cannot be read: Azure refused"),
    ],
)  # fmt: skip
def test_a_verdict_has_the_reason_of_the_service(
    status: int, content: dict[str, Any], reason: str, platform: Platform, arm: Arm
) -> None:
    arm.course = ["Creating", "Failed"]
    place = "providers/Microsoft.MachineLearningServices/locations/westeurope/mfeOperationsStatus"
    arm.operation = f"subscriptions/s/{place}/od:1"
    arm.outcome = Response(content, status)
    text = re.escape(f"deployment v000003: it is Failed, {reason}")
    with pytest.raises(RefusedError, match=text):
        deployments(platform).create(MANIFEST)


@pytest.fixture
def rollout(platform: Platform, arm: Arm) -> azure.AzureRollout:
    arm.resources[ENDPOINT] = {
        "properties": {"scoringUri": "https://x.inference.ml.azure.com/score"}
    }
    write_part(platform, "toys", "endpoint.json", {**PART, "published": {"registry": "shared"}})
    rollout = azure.rollout(platform, "toys", print)
    assert rollout is not None
    return rollout


def test_a_new_deployment_answers_and_is_copied_before_it_gets_requests(
    rollout: azure.AzureRollout, arm: Arm, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies: list[tuple[Any, ...]] = []
    monkeypatch.setattr(azure, "publish", lambda *copy: bool(copies.append(copy)))
    example = {"inputs": {"size": 1.0}, "prediction": "a", "score": 0.5}
    rollout.bring_up("v000003", {**MANIFEST, "example": example})
    assert arm.asked == 8 and copies == [({"registry": "shared"}, "toys", 3)]
    rollout.bring_up("v000003", {**MANIFEST, "example": example})
    assert arm.asked == 16 and len(copies) == 1, "one that stood ready is asked, and was copied"
    with pytest.raises(RefusedError, match="the input example is answered with"):
        rollout.bring_up("v000003", {**MANIFEST, "example": {**example, "prediction": "b"}})


@pytest.mark.parametrize(("status", "refused"), [(400, True), (403, False)])
def test_what_the_service_refuses_is_a_verdict_unless_a_permission_is_missing(
    status: int, refused: bool, rollout: azure.AzureRollout, arm: Arm
) -> None:
    arm.refusal = Response({"error": {"code": "Bad", "message": "no quota"}}, status)
    with pytest.raises(Exception, match="no quota") as error:
        rollout.bring_up("v000003", MANIFEST)
    assert isinstance(error.value, RefusedError) is refused


def test_what_takes_too_long_is_no_verdict(
    platform: Platform, arm: Arm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(azure_deployments, "UP_SECONDS", 0.0)
    arm.course = ["Creating"]
    with pytest.raises(PassingError, match="deployment v000003 took longer than 0 minutes"):
        deployments(platform).create(MANIFEST)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Time that passes where a client waits."""
    time = Time()
    monkeypatch.setattr(http, "time", time)
    return time


def test_a_deployment_has_the_quarter_of_an_hour_that_it_takes(
    platform: Platform, arm: Arm, time: Time
) -> None:
    """ "10 to 15 minutes", and of a traffic's change one or two."""
    arm.course = [*["Creating"] * 100, "Succeeded"]
    assert deployments(platform).create(MANIFEST) is True and time.seconds >= 900
    arm.course = [*["Deleting"] * 60, "gone"]
    assert deployments(platform).create(MANIFEST) is True


def test_a_change_of_the_traffic_is_waited_for(
    rollout: azure.AzureRollout, arm: Arm, time: Time
) -> None:
    states = iter([*["Updating"] * 12, "Succeeded"])
    find = arm.answer

    def answer(request: Request) -> Response:
        if f"/{request.path}" == ENDPOINT:
            arm.resources[ENDPOINT]["properties"]["provisioningState"] = next(states)
        return find(request)

    http._session().service = answer  # type: ignore[attr-defined]
    rollout.interrupt("v000003")
    assert next(states, None) is None and 100 <= time.seconds < 300
