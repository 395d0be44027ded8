"""What a comment looks like, whatever is in it."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.preview import formatting, markdown, text
from tools.preview.defaults import default
from tools.preview.differences import differences, plain
from tools.preview.losses import losses
from tools.preview.model import (
    CREATE,
    DELETE,
    OPERATIONS,
    REPLACE,
    Change,
    Cost,
    Finding,
    Setting,
    StackPreview,
    StepChange,
)
from tools.preview.pipelines import step_changes, without_steps

TEXT = st.text(max_size=300)
SETTING = st.builds(Setting, TEXT, TEXT | st.none() | st.integers(), TEXT | st.none())
STEP = st.builds(
    StepChange, st.sampled_from(("create", "update", "delete")), TEXT, st.tuples(SETTING)
)
CHANGE = st.builds(
    Change, st.sampled_from(OPERATIONS), TEXT, TEXT, st.tuples(SETTING, SETTING), st.tuples(STEP),
    st.tuples(TEXT), st.booleans(),
)  # fmt: skip
PREVIEW = st.builds(
    StackPreview,
    stack=TEXT,
    against=TEXT,
    changes=st.lists(CHANGE, max_size=4).map(tuple),
    settings=st.tuples(SETTING),
    findings=st.tuples(st.builds(Finding, TEXT, st.booleans(), TEXT, TEXT)),
    losses=st.tuples(TEXT),
    errors=st.lists(TEXT, max_size=1).map(tuple),
)


@settings(deadline=None)
@given(st.lists(PREVIEW, max_size=3), st.sampled_from((1, 30, 500)))
def test_a_comment_always_fits(previews: list[StackPreview], times: int) -> None:
    comment = markdown.render(previews * times)
    assert len(comment.encode()) <= 65_000 < 65_536
    assert comment.startswith(markdown.MARKER)


def test_several_stacks_begin_with_a_summary_and_the_cost_stands_in_the_heading() -> None:
    cost = Cost((88.75, 341.33), (0.1, 0.1), (1.0, 1.0), "2026-01")
    change = Change("update", "sagemaker.Endpoint", "flights")
    dev = StackPreview("aws-dev", "main", (change,), cost=cost, losses=("Data lost: it all",))
    refused = (Finding("encrypted", True, "bucket", "no key"),)
    prod = StackPreview("gcp-dev", "main", findings=refused)
    comment = markdown.render([dev, prod])
    summary, first = comment.index("| stack |"), comment.index("### ")
    assert summary < first
    assert "| `aws-dev` | 1 changed | +$252.58 (+285 %) | **1** | kept |" in comment
    assert "| `gcp-dev` | none | same | none | **1 refused** |" in comment
    assert "### `aws-dev`: 1 changed, +$252.58 (+285 %) a month" in comment
    assert "| stack |" not in markdown.render([dev])


def test_a_default_is_known_as_such() -> None:
    def describe(path: str, before: object, after: object, target: str = "aws") -> str:
        return formatting.change(Setting(path, before, after, default(path, target)))

    # What docs/ and the field's own declaration say, not the module that is asked.
    assert describe("mlops:endpoint.maxLatencyMs", None, 250) == "500 (default) → 250"
    assert describe("mlops:models.churn.retraining.schedule", "0 5 * * 1", None) == (
        "0 5 * * 1 → 0 3 * * 1 (default)"
    )
    assert describe("mlops:retentionDays", None, 60) == "90 (default) → 60"
    machine = "mlops:endpoint.instanceType"
    assert describe(machine, None, "ml.m5.2xlarge") == "ml.m5.large (default) → ml.m5.2xlarge"
    assert describe(machine, None, "x", "gcp") == "n1-standard-2 (default) → x"
    for path in (machine, "mlops:data.location", "mlops:data.key", "mlops:nothing.here"):
        assert describe(path, None, "x", "local") == "x (new)"


def test_a_rename_is_a_row_of_two_names_and_the_head_is_named() -> None:
    changes = (
        Change(DELETE, "iam.Role", "churn-steps"),
        Change(DELETE, "iam.Role", "churner-steps"),
        Change(CREATE, "iam.Role", "sales-steps"),
        Change(CREATE, "s3.Bucket", "sales"),
    )
    renamed = StackPreview("dev", "main", changes, settings=(Setting("m", "churn", "sales"),))
    comment = markdown.render([renamed], "c0ffee1")
    assert "Of revision `c0ffee1`." in comment and "2 deleted, 2 created" in comment
    rows = [line for line in comment.splitlines() if line.startswith(("| **deleted", "| created"))]
    assert rows == [
        "| **deleted** | `churn-steps` iam.Role | made anew as `sales-steps` |",
        "| **deleted** | `churner-steps` iam.Role |  |",
        "| created | `sales` s3.Bucket |  |",
    ]
    assert "churn-steps (iam.Role), made anew as sales-steps" in text.render([renamed])


def test_a_comment_that_leaves_something_out_says_so() -> None:
    change = Change(REPLACE, "s3.Bucket", "b" * 70, (Setting("p" * 150, "x" * 80, "y" * 80),) * 40)
    large = StackPreview("dev", "main", changes=(change,) * 400, losses=("gone",) * 1000)
    comment = markdown.render([large])
    assert "360 more changes" in comment and "37 more |" in comment.replace("<br>", " | ")
    assert "400 replaced" in comment and "more losses" in comment
    many = markdown.render([StackPreview(f"stack-{n}", "main") for n in range(5000)])
    omissions = int(re.findall(r"(\d+) more stacks don't fit", many)[0])
    assert omissions == 5000 - many.count("### ")


@given(TEXT)
def test_no_text_breaks_out_of_its_cell(text: str) -> None:
    setting = Setting(text, text, f"{text}.")
    row = markdown.render([StackPreview("dev", "main", (Change("update", "t", text, (setting,)),))])
    lines = [line for line in row.splitlines() if line.startswith("| changed |")]
    assert len(lines) == 1
    assert lines[0].count("|") == 4
    assert "@" not in lines[0] and "<script" not in lines[0]


def test_a_long_section_is_folded_but_not_its_warnings() -> None:
    changes = tuple(Change("create", "t", f"r{n}") for n in range(60))
    comment = markdown.render([StackPreview("dev", "main", changes, losses=("Data lost: x",))])
    assert comment.index("Data lost") < comment.index("<details>") < comment.index("r59")
    short = markdown.render([StackPreview("dev", "main", changes[:5])])
    assert "<details>" not in short


def test_lists_of_named_things_are_compared_by_name() -> None:
    before = {"rules": [{"id": "a", "days": 1}, {"id": "b", "days": 2}]}
    after = {"rules": [{"id": "b", "days": 3}]}
    assert list(differences(before, after)) == [
        Setting("rules[a]", {"id": "a", "days": 1}, None),
        Setting("rules[b].days", 2, 3),
    ]


def test_texts_that_are_json_are_compared_by_what_they_say() -> None:
    before = {"policy": '{"Statement": [{"Sid": "read", "Effect": "Allow"}]}'}
    after = {"policy": '{"Statement":[{"Sid":"read","Effect":"Deny"}]}'}
    edits = list(differences(before, after))
    assert edits == [Setting("policy.Statement[read].Effect", "Allow", "Deny")]
    assert plain({"a": "{not json"}) == {"a": "{not json"}


def test_a_long_value_is_told_by_what_differs_in_it() -> None:
    path = "/subscriptions/a-long-one/resourceGroups/mlops/providers/Some.Provider/things/component"
    sentence = formatting.change(Setting("id", f"{path}/versions/1", f"{path}/versions/2"))
    assert sentence == ".../1 → .../2"
    assert formatting.change(Setting("id", "a/b", "a/c")) == "a/b → a/c"
    definition = {f"key{number}": number for number in range(5)}
    sentence = formatting.change(Setting("spec", definition, "(known after up)"))
    assert sentence == "a document of key0, key1, key2, key3, key4 → (known after up)"


def test_a_definition_in_several_resources_is_told_once() -> None:
    step = (StepChange("create", "audit"),)
    changes = tuple(Change("update", "some.Type", name, steps=step) for name in ("a", "b"))
    comment = markdown.render([StackPreview("dev", "main", changes=changes)])
    assert comment.count("+ step audit") == 1 and comment.count("steps: below") == 2


def test_steps_inside_conditions_are_steps() -> None:
    def definition(value: int, *more: dict) -> dict:
        inner = [{"Name": "register", "Type": "RegisterModel", "Arguments": {"n": value}}, *more]
        gate = {"Name": "gate", "Type": "Condition", "Arguments": {"IfSteps": inner}}
        return {"pipelineDefinition": {"Version": "1", "Steps": [gate]}}

    steps = step_changes(definition(1), definition(2, {"Name": "tell", "Type": "Fail"}))
    assert [(change.operation, change.step) for change in steps] == [
        ("update", "gate"),
        ("update", "register"),
        ("create", "tell"),
    ]
    assert steps[1].settings == (Setting("Arguments.n", 1, 2),)
    assert without_steps(definition(1)) == {"pipelineDefinition": {"Version": "1"}}


def test_jobs_of_azure_and_tasks_of_vertex_are_steps() -> None:
    azure = {"componentSpec": {"type": "pipeline", "jobs": {"train": {"a": 1}}}}
    vertex = {"pipelineSpec": {"root": {"dag": {"tasks": {"train": {"a": 1}}}}}}
    for definition in (azure, vertex):
        assert [change.step for change in step_changes(definition, {})] == ["train"]
        assert not step_changes(definition, definition)


def test_a_loss_is_told_unless_the_resource_is_kept() -> None:
    deletion = Change(DELETE, "s3.Bucket", "store")
    assert list(losses((deletion,))) == [
        "Data lost: store (s3.Bucket) would be deleted, and with it the artifacts, captures and "
        "reports in it."
    ]
    assert not list(losses((Change(DELETE, "s3.Bucket", "store", retained=True),)))
    assert not list(losses((Change("update", "s3.Bucket", "store"),)))
    replaced = Change(REPLACE, "vertex.AiEndpoint", "flights", reasons=("region",))
    assert "because of region; its address may change" in next(losses((replaced,)))
