"""The model registry of SageMaker: a model package group per model.

The pipeline's register step makes the model package, numbered by the service; its description
names the run, and that is how a run's number is found. The service's own RegisterModel step would
have to stand inside a condition of its own, and conditions do not nest.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from training.clients import aws
from training.errors import UserError
from training.pipeline import RESULT
from training.registry.aws_requests import model_package, package_description
from training.scoring.bundle import archive, serving_code
from training.store import Store
from training.versions import Manifest

SCHEME = "sagemaker://"
APPROVED = "Approved"
PRODUCTION, ARCHIVED = "Production", "Archived"


def open_at(uri: str) -> SageMakerRegistry:
    """The registry at ``sagemaker://REGION/PREFIX``; groups are called PREFIX-MODEL."""
    region, _, prefix = uri.removeprefix(SCHEME).partition("/")
    if not region or not prefix:
        raise UserError(f"registry {uri!r}; allowed: {SCHEME}REGION/PREFIX")
    return SageMakerRegistry(region, prefix)


class SageMakerRegistry:
    """Model packages of the groups of one stack."""

    def __init__(self, region: str, prefix: str) -> None:
        self.region = region
        self.prefix = prefix
        self._client = aws.client("sagemaker", region)

    def number(self, description: Manifest) -> int:
        model, run = description["model"], description["run"]
        version = self._numbered(model, run)
        if version is None:
            raise UserError(f"model package group {self._group(model)!r} has no version of {run!r}")
        return version

    def adopt(self, description: Manifest, package: Path | None, store: Store) -> int:
        model, run = description["model"], description["run"]
        version = self._numbered(model, run)
        if version is not None:
            return version
        folder = f"models/{model}/training/{run}"
        packed, quality = f"{folder}/model.tar.gz", f"{folder}/{RESULT}"
        store.write(packed, _packed(description, package, store))
        store.write(quality, json.dumps(description["metrics"]).encode())
        response = self._client.create_model_package(
            **model_package(
                self._group(model),
                run,
                description["image"],
                f"{store.uri}/{packed}",
                f"{store.uri}/{quality}",
            ),
        )
        return int(aws.last_part(response["ModelPackageArn"]))

    def mark_champion(self, model: str, version: int) -> None:
        """The champion stands in stage Production, and none of the others."""
        for package in self._packages(model):
            stage = package.get("ModelLifeCycle", {}).get("Stage")
            target = PRODUCTION if package["ModelPackageVersion"] == version else ARCHIVED
            if stage != target and PRODUCTION in (stage, target):
                self._client.update_model_package(
                    ModelPackageArn=package["ModelPackageArn"],
                    ModelLifeCycle={"Stage": target, "StageStatus": APPROVED},
                )

    def approve(self, model: str, version: int) -> str:
        """Let `version` be deployed and return its ARN; UserError if the service has it not."""
        for package in self._packages(model):
            if package["ModelPackageVersion"] == version:
                arn = package["ModelPackageArn"]
                if package["ModelApprovalStatus"] != APPROVED:
                    self._client.update_model_package(
                        ModelPackageArn=arn, ModelApprovalStatus=APPROVED
                    )
                return arn
        raise UserError(
            f"model package group {self._group(model)!r} has no version {version}: it was "
            "deleted there"
        )

    def empty(self, model: str) -> bool:
        """Delete all versions, if there are any: the service deletes no group that has some."""
        packages = self._packages(model)
        for package in packages:
            self._client.delete_model_package(ModelPackageName=package["ModelPackageArn"])
        return bool(packages)

    def _numbered(self, model: str, run: str) -> int | None:
        for package in self._packages(model):
            if package.get("ModelPackageDescription") == package_description(run):
                return package["ModelPackageVersion"]
        return None

    def _packages(self, model: str) -> list[dict[str, Any]]:
        """Summaries of the group's packages, newest first."""
        pages = self._client.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=self._group(model),
            SortBy="CreationTime",
            SortOrder="Descending",
        )
        return [summary for page in pages for summary in page["ModelPackageSummaryList"]]

    def _group(self, model: str) -> str:
        return f"{self.prefix}-{model}"


def _packed(description: Manifest, package: Path | None, store: Store) -> bytes:
    """The archive that is served: model, profile, and the code to serve with."""
    files = {
        Path(description[part]["key"]).name: store.read(description[part]["key"])
        for part in ("artifact", "profile", "compiled")
        if "key" in (description.get(part) or {})
    }
    code = {f"code/{name}": content for name, content in serving_code(package).items()}
    return archive({**files, RESULT: json.dumps(description).encode(), **code})
