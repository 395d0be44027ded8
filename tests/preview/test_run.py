"""Real previews of real edits, without credentials."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.preview.repository import Repository
from tools.preview import markdown, text
from tools.preview.document import document
from tools.preview.model import Change, Setting, StackPreview
from tools.preview.run import against_base, against_state
from training.errors import UserError

pytestmark = pytest.mark.engine
Make = Callable[[str], Repository]


def preview(repository: Repository) -> StackPreview:
    return against_base(repository.path, ["dev"], "main")[0]


def test_an_edit_of_everything_is_told_by_name(repository: Make) -> None:
    project = repository("aws")
    project.configure("dev", instance="ml.m5.xlarge", retention=7)
    project.edit('"Steps": [', '"Steps": [{"Name": "look", "Type": "Fail", "Arguments": {}},')
    project.edit('aws.kms.Alias("key", aws.kms.AliasArgs(name="alias/sim"', 'aws.kms.Alias("key", '
              'aws.kms.AliasArgs(name="alias/other"')  # fmt: skip
    result = preview(project)
    assert result.errors == ()
    assert result.counts() == {"replaced": 2, "changed": 3}
    assert result.settings == (
        Setting("sim-aws:instance", None, "ml.m5.xlarge"),
        Setting("sim-aws:retention", None, 7),
    )
    by_name = {(change.operation, change.type): change for change in result.changes}
    config = by_name["replace", "sagemaker.EndpointConfiguration"]
    path = "productionVariants[0].instanceType"
    assert config.settings == (Setting(path, "ml.m5.large", "ml.m5.xlarge"),)
    assert config.reasons == (path,)
    pipeline = by_name["update", "sagemaker.Pipeline"]
    assert [(step.operation, step.step) for step in pipeline.steps] == [("create", "look")]
    assert pipeline.settings == ()
    logs = by_name["update", "cloudwatch.LogGroup"]
    assert logs.settings == (Setting("retentionInDays", 30, 7),)
    assert [change.operation for change in result.changes[:2]] == ["replace", "replace"]


def test_a_stack_that_is_not_there_yet_is_previewed_without_credentials(
    repository: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "test")
    project = repository("aws")
    (result,) = against_state(project.path, ["dev"], ())
    assert result.errors == () and result.settings == ()
    assert set(result.counts()) == {"created"} and result.counts()["created"] > 5
    assert "not there yet" in result.against
    assert not list((tmp_path / "state").rglob("dev*.json")), "nothing is made"


def test_what_loses_an_endpoint_or_data_is_said_in_words(repository: Make) -> None:
    project = repository("aws")
    project.edit('    "flights",\n    aws.sagemaker.EndpointArgs(', '    "renamed",\n'
              '    aws.sagemaker.EndpointArgs(')  # fmt: skip
    project.edit('model_package_group_name="-flights" if mistake == "pattern" else "flights"',
              'model_package_group_name="other"')  # fmt: skip
    result = preview(project)
    assert [loss.split(":")[0] for loss in result.losses] == ["Data lost", "Endpoint lost"]
    assert "models (sagemaker.ModelPackageGroup) would be replaced" in result.losses[0]
    assert "flights (sagemaker.Endpoint) would be deleted" in result.losses[1]


def test_no_change_is_said_to_be_none(repository: Make) -> None:
    result = preview(repository("gcp"))
    assert (result.changes, result.settings, result.errors) == ((), (), ())
    assert "no changes" in markdown.render([result])


def test_secrets_outputs_and_credentials_appear_nowhere(
    repository: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = repository("aws")
    project.configure("dev", encryptionsalt=None, note={"secure": "v1:first:ciphertext"})
    project.commit()
    project.configure("dev", note={"secure": "v1:second:ciphertext"})
    project.edit('pulumi.export("bucket", bucket.bucket)', 'pulumi.export("other", "an-output")')
    # What a run with credentials would have; a fork's has none, and none may be used.
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://nowhere.invalid")
    result = preview(project)
    assert result.errors == ()
    (change,) = result.changes
    assert (change.operation, change.name) == ("update", "note")
    assert change.settings == (Setting("value", "(secret)", "(secret)"),)
    assert result.settings == (Setting("sim-aws:note", "(secret)", "(secret)"),)
    for output in (markdown.render([result]), text.render([result]), document([result])):
        for secret in ("ciphertext", "secret-", "hush-hush", "an-output"):
            assert secret not in output
        assert "note" in output and "(secret)" in output


def test_nothing_of_the_tree_is_touched(repository: Make) -> None:
    project = repository("azure")
    before = {path: path.stat().st_mtime_ns for path in project.path.rglob("*") if path.is_file()}
    preview(project)
    assert before == {p: p.stat().st_mtime_ns for p in project.path.rglob("*") if p.is_file()}


def test_a_stack_that_the_base_does_not_have_is_all_new(repository: Make) -> None:
    project = repository("gcp")
    (project.path / "stacks/Pulumi.new.yaml").write_text(
        (project.path / "stacks/Pulumi.dev.yaml").read_text()
    )
    result = against_base(project.path, ["new"], "main")[0]
    assert set(result.counts()) == {"created"} and len(result.changes) > 10


def test_a_refused_change_and_a_broken_base_are_errors_not_previews(repository: Make) -> None:
    project = repository("aws")
    project.configure("dev", mistake="pattern")
    result = preview(project)
    assert any("does not match" in error for error in result.errors)
    assert "no preview" in markdown.render([result])
    project.commit()
    assert preview(project).errors[0] == "the base does not come up, so nothing can be compared"


def test_a_revision_or_stack_that_does_not_exist(repository: Make) -> None:
    project = repository("aws")
    with pytest.raises(UserError, match="BASE: 'nowhere' is no revision"):
        against_base(project.path, ["dev"], "nowhere")
    with pytest.raises(UserError, match=r"STACK: 'prod' has no file .* allowed: dev"):
        against_base(project.path, ["prod"], "main")


def test_what_lives_outside_of_the_stack_is_taken_to_exist(repository: Make) -> None:
    project = repository("aws")
    project.configure("dev", mistake="role")
    result = preview(project)
    assert [(change.operation, change.type) for change in result.changes] == [
        ("update", "sagemaker.Pipeline")
    ]
    assert result.changes[0] == Change(
        "update",
        "sagemaker.Pipeline",
        "training",
        (
            Setting(
                "roleArn", result.changes[0].settings[0].before, result.changes[0].settings[0].after
            ),
        ),
    )


def test_a_larger_instance_costs_more(repository: Make) -> None:
    project = repository("aws")
    project.configure("dev", instance="ml.m5.xlarge")
    result = preview(project)
    assert result.cost is not None
    before, after = result.cost.idle
    assert before is not None and after is not None
    assert after - before == pytest.approx((0.23 - 0.115) * 730)
    assert "$85.05 → $169.00 a month" in markdown.render([result])
