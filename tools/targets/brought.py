"""Brings stack files up on a simulated cloud and returns the engine's state of them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi_simcloud.harness import SimCloud

from tools.gateways import GATEWAYS
from tools.preview import checkout, engine
from tools.progress import step
from training.errors import UserError
from training.replay import flights

# What the local stack file names, and how much of it is enough to come up.
DATA = ".mlops/data/flights"
SHARE = 0.01


def state_of(root: Path, stack: str) -> Mapping[str, Any]:
    """The state of a stack of the working tree after an up; raises UserError if that fails."""
    with (
        tempfile.TemporaryDirectory(prefix="mlops-targets-") as name,
        step(f"{stack} up"),
        # What a stack file names and nobody makes is taken to exist.
        SimCloud(
            Path(name).resolve() / "cloud", closed=False, repeatable=True, gateways=GATEWAYS
        ) as cloud,
    ):
        workspace = Path(name).resolve()
        folder = checkout.working_tree(root, workspace / "tree")
        if not (folder / DATA).exists():
            flights.write_months(folder / DATA, SHARE)
        checkout.disclose(folder, stack)
        environment = engine.isolated(workspace, cloud.environment)
        engine.make_stack(folder, stack, environment)
        failed = engine.errors(engine.up(folder, stack, environment, workspace / "up.json"))
        if failed:
            raise UserError(f"{stack} does not come up: {'; '.join(failed)}")
        exported = workspace / "state.json"
        engine.export(folder, stack, environment, exported)
        return json.loads(exported.read_text())
