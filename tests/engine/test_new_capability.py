"""A new capability is its folder, its settings and one line of the program; the rest follows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.project import Project
from tests.tables import write_classification
from tools.targets.page import page, stacks

pytestmark = pytest.mark.engine

COMPONENT = '''
"""Model cards: a document about each model, for people."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.capability import Capability, NoOutputs
from components.registry import Registry
from components.settings import Settings


@dataclass(frozen=True)
class ModelCardsArgs:
    settings: Settings
    registry: Registry


@dataclass(frozen=True)
class ModelCardsModel:
    card: pulumi.Output[str]


class ModelCards(Capability[NoOutputs, ModelCardsModel]):
    """A card for each model."""
'''
LOCAL = '''
"""Model cards on this computer: a JSON file."""

from __future__ import annotations

import pulumi

from components.capability import NoOutputs
from components.model_cards import ModelCardsArgs, ModelCardsModel
from components.scope import ModelScope
from components.targets.local.dynamic import Document


def create_model(
    scope: ModelScope, args: ModelCardsArgs, shared: NoOutputs, opts: pulumi.ResourceOptions
) -> ModelCardsModel:
    document = Document(
        f"{scope.model.name}-card",
        path=pulumi.Output.concat(args.registry.models[scope.model.name].folder, "/card.json"),
        content={"owner": scope.model.card.owner},
        opts=opts,
    )
    return ModelCardsModel(card=document.path)
'''
SETTINGS = '''
class Card(Section):
    """The model's card."""

    owner: str = Field(default="nobody", description="who answers for the model")


class Model(Section):
'''


def add_model_cards(project: Project) -> None:
    """Write the capability as CONTRIBUTING says: a folder, the settings, a line."""
    components = project.own("components")
    folder = components / "model_cards"
    folder.mkdir()
    (folder / "__init__.py").write_text(COMPONENT.lstrip())
    (folder / "local.py").write_text(LOCAL.lstrip())
    settings = components / "settings.py"
    text = settings.read_text().replace("class Model(Section):\n", SETTINGS.lstrip(), 1)
    settings.write_text(
        text.replace(
            "    gate: Gate = Gate()\n", "    gate: Gate = Gate()\n    card: Card = Card()\n"
        )
    )
    program = (project.path / "__main__.py").read_text()
    (project.path / "__main__.py").unlink()
    (project.path / "__main__.py").write_text(
        program.replace(
            "from components.publish",
            "from components.model_cards import ModelCards, ModelCardsArgs\n"
            "from components.publish",
        ).replace(
            "\npublish(settings)",
            'ModelCards("model-cards", ModelCardsArgs(settings, registry))\n\npublish(settings)',
        )
    )


def test_outputs_document_page_and_destroy_report_follow(tmp_path: Path) -> None:
    project = Project.make(tmp_path / "project")
    add_model_cards(project)
    config = write_classification(project.path / "cancer.csv")
    project.stack("local", {**config, "card": {"owner": "team-a"}})
    project.up("local")
    models = json.loads(project.pulumi("stack", "output", "--json", "-s", "local"))["models"]
    (model,) = models.values()
    card = project.path / model["card"]
    assert json.loads(card.read_text()) == {"owner": "team-a"}
    platform = json.loads((project.path / ".mlops/local/platform.json").read_text())
    assert list(platform["models"].values()) == [model]
    state = json.loads(project.pulumi("stack", "export", "-s", "local", "--show-secrets"))
    document = next(
        resource
        for resource in state["deployment"]["resources"]
        if resource["urn"].endswith("::platform")
    )
    assert any(urn.endswith("-card") for urn in document["dependencies"]), "made last"
    text = page({stack: state for stack in stacks()})
    assert "\n## model_cards\n" in text
    assert "| local | local.Document |" in text.split("## model_cards")[1]
    # Nothing of it is left, and the report names nothing that is.
    report = project.destroy("local")
    assert report["finished"] and not report["kept"]
    assert not card.exists()
