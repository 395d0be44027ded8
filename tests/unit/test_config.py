"""Stack config, from text to settings: what is read, what counts, and every error at once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
import pytest

from components import config, sdk
from tests.unit.stack_settings import GOOD, parse, refusal
from training.errors import UserError

OF_STACK = [
    "alerts", "allowModelDeletion", "budget", "ci", "models", "ownsJobLogs", "prefix", "registry",
    "retentionDays", "tags", "target",
]  # fmt: skip
OF_MODEL = [
    "approval", "compute", "data", "drift", "endpoint", "gate", "modelFile", "retraining", "split",
    "timezone",
]  # fmt: skip


def listed(*keys: str) -> str:
    return f"allowed: {', '.join(sorted(keys))}"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"xyz": "1"}, f"mlops:xyz: unknown setting; {listed('model', *OF_STACK, *OF_MODEL)}"),
        ({"modle": "a"}, "mlops:modle: unknown setting; did you mean model?"),
        ({"name": "a"}, f"mlops:name: unknown setting; {listed('model', *OF_STACK, *OF_MODEL)}"),
        ({"drfit": {}}, "mlops:drfit: unknown setting; did you mean drift?"),
        ({"retentionDay": "3"}, "mlops:retentionDay: unknown setting; did you mean retentionDays?"),
        (
            {"models": {"a": {"nam": "b"}}},
            f"mlops:models.a.nam: unknown setting; {listed(*OF_MODEL)}",
        ),
        (
            {"models": {"a": {}, "b": {"split": {"bye": "x"}}}},
            "mlops:models.b.split.bye: unknown setting; did you mean by?",
        ),
        ({"gate": {"qqq": 1}}, "mlops:gate.qqq: unknown setting; allowed: margin"),
        ({"registry": {"qqq": 1}}, "mlops:registry.qqq: unknown setting; allowed: shared"),
        (
            {"ci": {"github": {"qqq": 1}}},
            "mlops:ci.github.qqq: unknown setting; "
            + listed("branch", "environment", "ownerId", "provider", "repository", "repositoryId"),
        ),
        (
            {"drift": {"min_rows": 9}},
            "mlops:drift.min_rows: unknown setting; did you mean minRows?",
        ),
    ],
)
def test_an_unknown_key_is_told_with_what_it_may_be(changes: dict[str, object], line: str) -> None:
    assert refusal(**changes) == [f"  {line}"]


def test_each_error_has_a_line_by_its_place() -> None:
    assert refusal(
        retentionDays="0",
        data={"location": "x.csv"},
        models={"a": {"gate": {"margin": -1}}, "b": {"aproval": "manual"}, "Big": {}},
        alerts={"webhooks": ["https://x.org", "ftp://x.org"]},
    ) == [
        "  mlops:models.a.data.target: not set; it has no default",
        "  mlops:models.a.gate.margin: -1 is not allowed: "
        "input should be greater than or equal to 0",
        "  mlops:models.b.data.target: not set; it has no default",
        "  mlops:models.b.aproval: unknown setting; did you mean approval?",
        "  mlops:models.Big.name: 'Big' is not allowed: "
        "string should match pattern '^[a-z][a-z0-9-]{0,29}$'",
        "  mlops:models.Big.data.target: not set; it has no default",
        "  mlops:alerts.webhooks.1: 'ftp://x.org' is not allowed: not a receiver; "
        "allowed: an https URL, or env:NAME for a URL with a secret in it",
        "  mlops:retentionDays: '0' is not allowed: input should be greater than or equal to 1",
    ]


def test_the_settings_of_the_only_model_are_told_as_they_stand_at_the_top() -> None:
    assert refusal(model="", gate={"margin": -1}) == [
        "  mlops:model: '' is not allowed: string should match pattern '^[a-z][a-z0-9-]{0,29}$'",
        "  mlops:gate.margin: -1 is not allowed: input should be greater than or equal to 0",
    ]
    assert config.parse({**GOOD, "model": "churn"}).models[0].name == "churn"
    assert refusal(data={"location": "x", "target": "y", "name": "z"}) == [
        "  mlops:data.name: unknown setting; "
        "allowed: columns, key, kmsKey, location, target, task, timeColumn"
    ]


def test_models_stand_in_the_order_of_their_keys_and_a_section_may_be_empty() -> None:
    settings = parse(models={"b": None, "a": {}, "c": {"approval": "automatic"}})
    assert [(model.name, model.approval) for model in settings.models] == [
        ("b", "manual"),
        ("a", "manual"),
        ("c", "automatic"),
    ]
    assert settings.model("c") is settings.models[2]


@pytest.mark.parametrize("section", ["x", "", ["x"], [], 7, True])
def test_a_model_is_a_section(section: object) -> None:
    (line,) = refusal(models={"a": section, "b": None})
    assert line == f"  mlops:models.a: {section!r} is not allowed: give a map of settings"


def test_the_key_of_a_model_is_its_name() -> None:
    message = "  mlops:models.a.name: not allowed: the model's key is its name"
    assert refusal(models={"a": {"name": "b"}}) == [message]


@pytest.mark.parametrize("name", [{"a": 1}, ["a"]])
def test_the_name_of_the_only_model_is_a_text(name: object) -> None:
    assert refusal(model=name) == [
        f"  mlops:model: {name!r} is not allowed: input should be a valid string"
    ]


@pytest.mark.parametrize("models", ["", "a", {}, [], ["a"]])
def test_models_are_a_map_that_is_not_empty(models: object) -> None:
    assert refusal(models=models) == [
        f"  mlops:models: {models!r} is not allowed: give a map of names to settings"
    ]


def test_a_name_beside_the_map_of_models_is_refused() -> None:
    message = "  mlops:model: not allowed beside mlops:models, whose keys are the names"
    assert refusal(model="a", models={"a": {}}) == [message]


def test_what_is_wrong_with_the_models_is_told_with_everything_else() -> None:
    assert refusal(model="a", models=["a"], retentionDays="0", moedl="b") == [
        "  mlops:models: ['a'] is not allowed: give a map of names to settings",
        "  mlops:model: not allowed beside mlops:models, whose keys are the names",
        "  mlops:retentionDays: '0' is not allowed: input should be greater than or equal to 1",
        "  mlops:moedl: unknown setting; did you mean model?",
    ]
    assert refusal(models={"a": {"name": "b", "gate": {"margin": -1}}, "c": {"name": None}}) == [
        "  mlops:models.a.name: not allowed: the model's key is its name",
        "  mlops:models.c.name: not allowed: the model's key is its name",
        "  mlops:models.a.gate.margin: -1 is not allowed: "
        "input should be greater than or equal to 0",
    ]


def test_text_that_is_no_json_stays_text() -> None:
    for text in ("{", "[x", "{a: 1}"):
        assert refusal(gate=text) == [
            f"  mlops:gate: {text!r} is not allowed: give a map of settings"
        ]
    assert parse(tags='{"a": "{b"}').tags == {"a": "{b"}
    assert parse(data='{"location": "x", "target": "[y"}').models[0].data.target == "[y"


def test_sections_are_merged_key_by_key_and_anything_else_is_replaced() -> None:
    base = {"a": {"x": 1, "y": {"p": 1, "q": 2}}, "b": "text", "c": {"z": 1}, "d": [1, 2]}
    over = {"a": {"y": {"q": 3}, "w": 4}, "b": {"z": 2}, "c": "text", "d": [3], "e": 5}
    before = json.dumps(base)
    assert config.merged(base, over) == {
        "a": {"x": 1, "y": {"p": 1, "q": 3}, "w": 4},
        "b": {"z": 2},
        "c": "text",
        "d": [3],
        "e": 5,
    }
    assert json.dumps(base) == before


STACK_FILE = {
    "aws:region": "eu-central-1",
    "mlops:prefix": "shop",
    "mlops:xray": "1",
    "mlops:drift": '{"alpha": 0.01, "minRows": 50}',
    "mlops:gate": "text",
    "mlops:alerts": '{"emails": ["a@b.org"]}',
    "churn:drift": '{"minRows": 70}',
    "churn:gate": '{"margin": 0.1}',
    "churn:alerts": "text",
    "churn:target": "local",
    "mlopsx:target": "aws",
}


def test_the_keys_of_the_platform_are_those_of_both_namespaces() -> None:
    own = [key for key in STACK_FILE if key.startswith("mlops:")]
    assert config.own_keys(STACK_FILE) == own
    renamed = [key for key in STACK_FILE if key.startswith(("mlops:", "churn:"))]
    assert config.own_keys(STACK_FILE, "churn") == renamed


@pytest.mark.parametrize("turn", [1, -1])
def test_the_projects_own_namespace_counts_before_the_platforms(turn: int) -> None:
    assert config.own_settings(dict([*STACK_FILE.items()][::turn]), "churn") == {
        "prefix": "shop",
        "xray": "1",
        "drift": '{"alpha": 0.01, "minRows": 70}',
        "gate": '{"margin": 0.1}',
        "alerts": "text",
        "target": "local",
    }


def test_a_key_may_have_colons_of_its_own() -> None:
    assert config.own_settings({"mlops:a:b": "1"}) == {"a:b": "1"}


# The stack that is being brought up ----------------------------------------------------------


@dataclass
class Engine:
    """What the engine tells the program, and whether the program came past its settings."""

    config: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    outputs: dict[str, object] = field(default_factory=dict)
    project: str = "mlops"
    stack: str = "dev"
    saved: list[str] = field(default_factory=list)

    def refusal(self) -> str:
        """The error that the program ends with, before it does anything."""
        with pytest.raises(pulumi.RunError) as error:
            config.load()
        assert not self.saved
        first, _, rest = str(error.value).partition("\n")
        assert first == "bad settings"
        return rest


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    table = tmp_path / "t.csv"
    table.write_text("x,y\n1,0\n")
    engine = Engine({"mlops:data": json.dumps({"location": str(table), "target": "y"})})
    monkeypatch.setattr(sdk, "configuration", lambda: engine.config)
    monkeypatch.setattr(sdk, "is_secret", lambda key: key in engine.secrets)
    monkeypatch.setattr(sdk, "stack_outputs", lambda: engine.outputs)
    monkeypatch.setattr(sdk, "save_time", lambda: engine.saved.append("saved"))
    monkeypatch.setattr(pulumi, "get_project", lambda: engine.project)
    monkeypatch.setattr(pulumi, "get_stack", lambda: engine.stack)
    return engine


def test_the_settings_are_those_of_the_stack(engine: Engine) -> None:
    engine.config |= {"mlops:prefix": "shop", "churn:prefix": "mine", "aws:region": "nowhere"}
    assert config.load().prefix == "shop"
    engine.project = "churn"
    assert config.load().prefix == "mine"
    assert engine.saved == ["saved"] * 2


def test_bad_settings_end_the_program(engine: Engine) -> None:
    engine.config |= {"mlops:target": "mars", "mlops:retentionDays": "0"}
    lines = engine.refusal().splitlines()
    assert [line.split(": ")[0] for line in lines] == ["  mlops:target", "  mlops:retentionDays"]


def test_what_the_target_refuses_ends_the_program(engine: Engine) -> None:
    engine.config["mlops:budget"] = '{"monthly": 10}'
    message = "mlops:budget.monthly: 10 is not allowed: target 'local' costs nothing that"
    assert engine.refusal().startswith(message)


def test_a_stack_that_is_up_is_not_made_another_one(engine: Engine) -> None:
    engine.outputs = {"target": "local", "prefix": "shop"}
    assert engine.refusal() == (
        "mlops:prefix: 'mlops' is not allowed: stack 'dev' is up with 'shop'; "
        "destroy it, or make another stack"
    )
    engine.config["mlops:prefix"] = "shop"
    assert config.load().prefix == "shop"


def test_a_secret_among_the_settings_is_refused(engine: Engine) -> None:
    engine.config |= {"aws:secretKey": "x", "mlops:alerts": "{}", "churn:tags": "{}"}
    engine.secrets = {"aws:secretKey", "churn:tags"}
    config.load()
    engine.saved.clear()
    engine.secrets.add("mlops:alerts")
    assert engine.refusal().startswith("mlops:alerts: a secret is not allowed: the platform")
    engine.project, engine.secrets = "churn", {"churn:tags"}
    assert engine.refusal().startswith("churn:tags: a secret is not allowed: the platform")


@pytest.mark.parametrize("stack", ["code", "data", "state"])
def test_a_stack_has_no_name_of_a_folder_beside_it(engine: Engine, stack: str) -> None:
    engine.stack = stack
    sentence = f"stack {stack!r}: allowed is any name but code, data and state"
    assert engine.refusal() == sentence
    engine.stack = f"{stack}s"
    config.load()


@pytest.mark.parametrize("key", ["target", "prefix"])
def test_what_is_up_under_another_name_is_refused_by_that_setting(key: str) -> None:
    settings = parse()
    value = {"target": "local", "prefix": "mlops"}[key]
    config.check_unchanged(settings, {key: value}, "dev")
    with pytest.raises(UserError) as error:
        config.check_unchanged(settings, {key: "other"}, "dev")
    assert str(error.value) == (
        f"mlops:{key}: {value!r} is not allowed: stack 'dev' is up with 'other'; "
        "destroy it, or make another stack"
    )
