"""Pipeline definitions of SageMaker: what holds, and what is next to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_simcloud.rules.pipelines import pipeline_definition

MODEL = {"Name": "model", "Type": "Model", "Arguments": {}}


def step(name: str = "a", kind: str = "Model", **parts: Any) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "Arguments": {}, **parts}


def branch(name: str, *steps: Any, **arguments: Any) -> dict[str, Any]:
    conditions = [{"Type": "Equals", "LeftValue": 1, "RightValue": 1}]
    return step(name, "Condition", Arguments={"Conditions": conditions, "IfSteps": list(steps),
                                              **arguments})  # fmt: skip


def told(*steps: Any, **parts: Any) -> list[str]:
    return text_told(json.dumps({"Version": "2020-12-01", "Steps": list(steps), **parts}))


def text_told(text: Any) -> list[str]:
    failures = list(pipeline_definition("definition")({"definition": text}))
    assert all(failure.path == "definition" for failure in failures)
    return [failure.reason for failure in failures]


# Documents, parameters and steps ------------------------------------------------------------------


def test_a_document_and_its_shape() -> None:
    assert told(step()) == [] and text_told(7) == []
    assert text_told("[]") == ['"[]" is not a JSON object']
    assert told(step(), Version="2021-01-01") == ["Version \"2021-01-01\" is not '2020-12-01'"]
    assert told() == ["no Steps"]
    for name in ("Parameters", "Steps"):
        parts = {"Steps": [step()], name: "x"}
        parse = "Unable to parse pipeline definition. Expecting start of Json"
        assert told(**parts) == [f"{parse} Array: {name}"]
        assert told(**{**parts, name: [step(), "x"]}) == [f"{parse} Object: {name}"]
    text = json.dumps({"Version": "2020-12-01", "Steps": [step()]})
    assert text_told(text.ljust(1_048_576)) == []
    assert text_told(text.ljust(1_048_577)) == ["has 1048577 characters, allowed are 1048576"]
    names = [f"s{number}" for number in range(51)]
    assert told(*map(step, names[:50])) == []
    assert told(*map(step, names)) == ["has 51 steps, allowed are 50"]


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"Name": "a-b_1", "Type": "String"}, None), ({"Name": "a" * 256}, None),
        ({"Name": "a" * 257}, "is not allowed"), ({"Name": "a b"}, 'name "a b" is not allowed'),
        ({"Name": 1}, "parameter name 1 is not allowed (A-Z a-z 0-9 - _, at most 256)"),
        ({"Name": ""}, 'name "" is not allowed'), ({}, "parameter name null is not allowed"),
        ({"Name": "a", "Type": "Text"}, "has none of the types String, Integer, Float, Boolean"),
        ({"Name": "a", "DefaultValue": "x"}, None),
        ({"Name": "a", "DefaultValue": 1}, "1 is no String"),
        ({"Name": "a", "Type": "Integer", "DefaultValue": 1}, None),
        ({"Name": "a", "Type": "Integer", "DefaultValue": 1.5}, "parameter 'a': 1.5 is no Integer"),
        ({"Name": "a", "Type": "Integer", "DefaultValue": True}, "true is no Integer"),
        ({"Name": "a", "Type": "Float", "DefaultValue": 1}, None),
        ({"Name": "a", "Type": "Float", "DefaultValue": 1.5}, None),
        ({"Name": "a", "Type": "Float", "DefaultValue": True}, "true is no Float"),
        ({"Name": "a", "Type": "Float", "DefaultValue": "1"}, '"1" is no Float'),
        ({"Name": "a", "Type": "Boolean", "DefaultValue": False}, None),
        ({"Name": "a", "Type": "Boolean", "DefaultValue": 0}, "0 is no Boolean"),
        ({"Name": "a", "DefaultValue": "x", "EnumValues": ["x", "y"]}, None),
        ({"Name": "a", "DefaultValue": "z", "EnumValues": ["x", "y"]},
         "parameter 'a': \"z\" is not one of ['x', 'y']"),
        ({"Name": "a", "EnumValues": ["x"]}, None),
    ],
)  # fmt: skip
def test_parameters(parameter: dict[str, Any], expected: str | None) -> None:
    reasons = told(step(), Parameters=[{"Name": "other"}, parameter])
    assert reasons == [] if expected is None else len(reasons) == 1 and expected in reasons[0]


def test_names_are_there_once() -> None:
    twice = [{"Name": "a"}, {"Name": "b"}, {"Name": "a"}]
    assert told(step(), Parameters=twice) == ["parameter 'a' is there 2 times"]
    assert told(step("a"), step("b"), step("a")) == ["step name 'a' is taken twice"]
    assert told(step("a"), branch("b", step("a"))) == ["step name 'a' is taken twice"]


# The developer guide's "Pipelines steps", as the types of the definition's schema.
TYPES = """Model Processing RegisterModel Training Transform Callback Tuning Lambda EMR
    EMRServerless Fail AutoML EndpointConfig Endpoint QualityCheck ClarifyCheck InferenceComponent
    Lineage"""
# https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
MOST = {"MaxAttempts": 20, "IntervalSeconds": 43_200, "ExpireAfterMin": 14_400}
OWN = {"Lambda": {"FunctionArn": "f"}, "Callback": {"SqsQueueUrl": "q"},
       "QualityCheck": {"CheckType": "c"}, "ClarifyCheck": {"CheckType": "c"}}  # fmt: skip


@pytest.mark.parametrize("kind", TYPES.split())
def test_types_of_steps(kind: str) -> None:
    own = OWN.get(kind, {})
    assert told(step(kind=kind, **own)) == []
    for name in own:
        assert told(step(kind=kind)) == [f"step 'a' has no {name}"]
        assert told(step(kind=kind, **{name: ""})) == [f"step 'a' has no {name}"]
    bare = {key: value for key, value in step(kind=kind, **own).items() if key != "Arguments"}
    needs_none = kind in ("Lambda", "Callback")
    assert told(bare) == ([] if needs_none else ["step 'a' has no Arguments"])


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"Name": "a b"}, 'step name "a b" is not allowed (A-Z a-z 0-9 - _, at most 64)'),
        ({"Name": "a" * 65}, "is not allowed"), ({"Name": "a" * 64}, None),
        ({"Type": "Models"}, "step 'a' has the unknown type \"Models\""),
        ({"Arguments": []}, "step 'a': Expecting start of Json Object: Arguments"),
        *(({key: {}}, f"step 'a': Expecting start of Json Array: {key}")
          for key in ("DependsOn", "PropertyFiles", "RetryPolicies", "OutputParameters")),
        ({"DependsOn": ["other"]}, None),
        ({"DependsOn": ["c"]}, "depends on 'c', which does not exist"),
        ({"OutputParameters": [{"OutputType": kind} for kind in
                               ("String", "Integer", "Boolean", "Float")]}, None),
        ({"OutputParameters": [{"OutputType": "Text"}]}, "OutputType \"Text\" is not one of"),
        ({"OutputParameters": ["x"]}, "step 'a': Expecting start of Json Object: OutputParameters"),
        ({"OutputParameters": [{}]}, "step 'a': OutputType null is not one of"),
        ({"DependsOn": [1]}, "step 'a': Expecting String: DependsOn"),
        ({"PropertyFiles": [{"PropertyFileName": 1}]},
         "step 'a': Expecting String: PropertyFiles.PropertyFileName"),
        ({"PropertyFiles": [{"OutputName": []}]},
         "step 'a': Expecting String: PropertyFiles.OutputName"),
        ({"RetryPolicies": [{"ExceptionType": "x"}]},
         "step 'a': Expecting start of Json Array: RetryPolicies.ExceptionType"),
        ({"Arguments": {"ProcessingOutputConfig": []}},
         "step 'a': Expecting start of Json Object: ProcessingOutputConfig"),
        ({"Arguments": {"ProcessingOutputConfig": {"Outputs": {}}}},
         "step 'a': Expecting start of Json Array: Outputs"),
        ({"Arguments": {"ProcessingOutputConfig": {"Outputs": [1]}}},
         "step 'a': Expecting start of Json Object: Outputs"),
        ({"CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"}}, None),
        ({"CacheConfig": {}}, None),
        ({"CacheConfig": {"Enabled": "true"}}, "CacheConfig.Enabled \"true\" is no Boolean"),
        *(({"CacheConfig": {"ExpireAfter": text}}, None)
          for text in ("P1Y2M3W4D", "PT1H", "P1DT2H3M4S", "pt5m", "PT9S", "P2W")),
        *(({"CacheConfig": {"ExpireAfter": text}}, f'"{text}" is no duration such as P30D')
          for text in ("P", "30D", "PT", "P1H", "PT1D", "1 day", "P1DT")),
        *(({"RetryPolicies": [{key: most}]}, None) for key, most in MOST.items()),
        *(({"RetryPolicies": [{key: most + 1}]}, f"step 'a': {key} {most + 1} is not 0 to {most}")
          for key, most in MOST.items()),
        ({"RetryPolicies": [{"MaxAttempts": 0}]}, None),
        ({"RetryPolicies": [{"MaxAttempts": -1}]}, "MaxAttempts -1 is not 0 to 20"),
        ({"RetryPolicies": [{"ExceptionType": [
            "Step.SERVICE_FAULT", "Step.THROTTLING", "SageMaker.JOB_INTERNAL_ERROR",
            "SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"]}]}, None),
        ({"RetryPolicies": [{"ExceptionType": ["Step.FAULT"]}]},
         "step 'a': RetryPolicies: \"Step.FAULT\" is not one of"),
    ],
)  # fmt: skip
def test_parts_of_a_step(parts: dict[str, Any], expected: str | None) -> None:
    reasons = told(step("other"), {**step(), **parts})
    assert reasons == [] if expected is None else len(reasons) == 1 and expected in reasons[0]
    if expected and "Json" in expected:
        inner = {**step(), **parts}
        assert told(branch("c", inner)) == reasons == told(branch("c", ElseSteps=[inner]))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"Conditions": []}, ["condition step 'a' has no Conditions"]),
        ({}, ["condition step 'a' has no Conditions"]),
        *(({key: {}}, [f"step 'a': Expecting start of Json Array: {key}"])
          for key in ("IfSteps", "ElseSteps", "Conditions")),
        *(({key: ["x"]}, [f"step 'a': Expecting start of Json Object: {key}"])
          for key in ("IfSteps", "ElseSteps", "Conditions")),
        *(({"Conditions": [{"Type": kind, "LeftValue": 1, "RightValue": 0}]}, []) for kind in
          ("Equals", "GreaterThan", "LessThan", "GreaterThanOrEqualTo", "LessThanOrEqualTo")),
        ({"Conditions": [{"Type": "In"}, {"Type": "Not"}]}, []),
        ({"Conditions": [{"Type": "Is", "LeftValue": 1, "RightValue": 1}]},
         ["step 'a': condition \"Is\" does not exist"]),
        ({"Conditions": [{"LeftValue": 1}]},
         ['step \'a\': condition {"LeftValue": 1} has no Type',
          "step 'a': condition null does not exist"]),
        ({"Conditions": [{"Type": "Equals", "LeftValue": 0}]},
         ['step \'a\': condition {"Type": "Equals", "LeftValue": 0} has no RightValue']),
        ({"Conditions": [{"Type": "Equals", "RightValue": 0}]},
         ['step \'a\': condition {"Type": "Equals", "RightValue": 0} has no LeftValue']),
        ({"Conditions": [{"Type": "Or", "Conditions": [{"Type": "In"}]}]}, []),
        ({"Conditions": [{"Type": "Or", "Arguments": {"Conditions": [{"Type": "In"}]}}]}, []),
        ({"Conditions": [{"Type": "Or", "Conditions": []}]},
         ["step 'a': condition null has no Type"]),
        ({"Conditions": [{"Type": "Or", "Conditions": [{"Type": "Or", "Conditions": [1]}]}]},
         ["step 'a': condition 1 has no Type"]),
    ],
)  # fmt: skip
def test_conditions(arguments: dict[str, Any], expected: list[str]) -> None:
    assert told(step("a", "Condition", Arguments=arguments)) == expected


# References ---------------------------------------------------------------------------------------


def reading(target: str, name: str = "a") -> dict[str, Any]:
    return step(
        name, "Fail", Arguments={"ErrorMessage": {"Std:Join": {"Values": [{"Get": target}]}}}
    )


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("Steps.b.ModelName", None), ("Steps.b[0]", None), ("Parameters.p", None),
        ("Execution.PipelineName", None),
        ("Steps.c.X", "step 'a' refers to 'Steps.c.X', which does not exist"),
        ("Steps.c[0]", "step 'a' refers to 'Steps.c[0]', which does not exist"),
        ("Parameters.q", "step 'a' refers to 'Parameters.q', which is not declared"),
        ("Other.p", "step 'a' refers to 'Other.p', which is neither step nor parameter"),
    ],
)  # fmt: skip
def test_what_a_step_refers_to(target: str, expected: str | None) -> None:
    reasons = told(reading(target), step("b"), Parameters=[{"Name": "p"}])
    assert reasons == ([] if expected is None else [expected])
    for place in ("IfSteps", "ElseSteps"):
        inside = branch("d", **{place: [reading(target)]})
        assert told(inside, step("b"), Parameters=[{"Name": "p"}]) == reasons, "once"


def test_no_step_waits_for_itself_or_for_what_is_in_a_branch() -> None:
    cycle = "steps depend on each other in a cycle: "
    assert told(step("a", DependsOn=["b"]), step("b", DependsOn=["c"]), step("c")) == []
    assert told(step("a", DependsOn=["b"]), reading("Steps.a.X", "b"), step("c")) == [
        f"{cycle}a, b"
    ]
    assert told(step("a", DependsOn=["a"])) == [f"{cycle}a"]
    inside = "step 'c' depends on 'a', which is inside condition 'b'"
    assert told(branch("b", step("a")), step("c", DependsOn=["a"])) == [inside]
    assert told(branch("b", ElseSteps=[step("a")]), reading("Steps.a.X", "c")) == [inside]
    assert told(step("c"), branch("b", step("a", DependsOn=["c"]))) == []
    assert told(branch("d", step("a", DependsOn=["b"]), step("b", DependsOn=["a"]))) == [
        f"{cycle}a, b"
    ]
    assert told(branch("a", branch("b", step("c")))) == ["condition 'b' is nested in condition 'a'"]
    assert told(branch("a", step("d"), ElseSteps=[branch("b", step("c"))])) == [
        "condition 'b' is nested in condition 'a'"
    ]


def test_property_files_are_declared() -> None:
    outputs = {"ProcessingOutputConfig": {"Outputs": [{"OutputName": "metrics"}]}}
    file = {"PropertyFileName": "F", "OutputName": "metrics", "FilePath": "f"}
    processing = step("p", "Processing", Arguments=outputs, PropertyFiles=[file])

    def read(target: str) -> dict[str, Any]:
        value = {"Std:JsonGet": {"PropertyFile": {"Get": target}, "Path": "a"}}
        condition = {"Type": "Equals", "LeftValue": value, "RightValue": 1}
        return step("c", "Condition", Arguments={"Conditions": [condition]})

    def mine(*steps: Any) -> list[str]:  # without what the request lacks
        return [text for text in told(*steps) if "file" in text or "declared" in text]

    assert mine(processing, read("Steps.p.PropertyFiles.F")) == []
    for target in ("Steps.p.PropertyFiles.G", "Steps.c.PropertyFiles.F"):
        assert mine(processing, read(target)) == [
            f"step 'c' reads '{target}', which is not declared"
        ]
    wrong = {**processing, "PropertyFiles": [{**file, "OutputName": "other"}]}
    assert mine(wrong) == ["step 'p': property file of the undeclared output \"other\""]


def test_arguments_are_the_request_of_their_call() -> None:
    # A run alone knows these, whatever their types.
    value = {"Get": "Execution.PipelineName"}
    containers = [{"Image": value, "ModelDataUrl": {"Std:Join": {"Values": [value]}}}]
    model = {"ExecutionRoleArn": value, "EnableNetworkIsolation": value, "Containers": containers}
    assert told(step("m", Arguments=model)) == []
    assert told(step("m", Arguments={**model, "VpcConfig": {"Subnets": [value]}})) == [
        "step 'm': Missing required parameter in VpcConfig: \"SecurityGroupIds\""
    ]
    assert told(step("m", Arguments={"ExecutionRoleArn": "short"}))[1:] == [
        "step 'm': ExecutionRoleArn: has 5 characters, allowed are 20 to 2048",
        "step 'm': ExecutionRoleArn: \"short\" does not match "
        r"arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
    ]
    for member in ("Containers", "PrimaryContainer", "VpcConfig"):
        (reason,) = told(step("m", Arguments={member: value}))
        assert reason.startswith(f"step 'm': Invalid type for parameter {member}, ")
    (reason,) = told(step("m", Arguments={"ModelNam": "x"}))
    assert reason.startswith("step 'm': ") and "ModelNam" in reason
    for kind, member in [
        ("Processing", "ProcessingInputs"), ("Training", "InputDataConfig"),
        ("Transform", "Environment"), ("Tuning", "Tags"), ("EndpointConfig", "Tags"),
        ("Endpoint", "Tags"), ("RegisterModel", "CustomerMetadataProperties"),
    ]:  # fmt: skip
        reasons = told(step("m", kind, Arguments={member: "x"}))
        assert any(member in text for text in reasons), (kind, reasons)
        assert not any("JobName" in text for text in reasons), reasons
    assert told(step("m", "Fail", Arguments={"Anything": 1})) == []
    package = {"ModelPackageGroupName": "g"}
    assert told(step("r", "RegisterModel", Arguments=package)) == []
    assert told(step("r", "RegisterModel", Arguments={**package, "ModelPackageName": "n"}))[0] == (
        "step 'r': Unknown Argument member 'ModelPackageName'"
    )
    # github aws/sagemaker-python-sdk#4994.
    container = {"Image": "i", "AdditionalModelDataSources": []}
    for place in ({"PrimaryContainer": container}, {"Containers": [{"Image": "i"}, container]}):
        assert told(step("m", Arguments=place))[0] == (
            "step 'm': Unknown Argument member 'AdditionalModelDataSources'"
        )
    assert told(step("m", Arguments={"PrimaryContainer": {"Image": "i"}})) == []
    assert told(step("m", "Endpoint", Arguments={"PrimaryContainer": container}))[0] != (
        "step 'm': Unknown Argument member 'AdditionalModelDataSources'"
    )
