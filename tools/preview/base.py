"""A base revision that is up on a simulated cloud, to preview any number of trees against."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from pulumi_simcloud.property_values import has_unknown

from tools.gateways import GATEWAYS
from tools.preview import checkout, engine
from tools.preview.assemble import assembled, policies
from tools.preview.defaults import default
from tools.preview.differences import MASK, UNKNOWN, flat, is_masked
from tools.preview.model import Setting, StackPreview
from tools.progress import step

FAILED = "the base does not come up, so nothing can be compared"


class Base:
    """One stack of a revision, in a temporary folder of its own; without one, nothing is up."""

    def __init__(
        self, root: Path, stack: str, commit: str | None, against: str, workspace: Path
    ) -> None:
        # Needs the SDKs of the clouds; a preview of the real state does not.
        from pulumi_simcloud.harness import SimCloud

        self.root = root
        self.stack = stack
        self.against = against
        self.place = workspace
        if commit is None:
            self.folder = checkout.working_tree(root, workspace / "base")
            checkout.stack_file(self.folder, stack).unlink(missing_ok=True)
        else:
            self.folder = checkout.checked_out(root, commit, workspace / "base")
        self.is_compared = commit is not None
        self.settings = checkout.settings(self.folder, stack)
        self.errors: tuple[str, ...] = ()
        self._cloud = SimCloud(
            workspace / "cloud", closed=False, repeatable=True, gateways=GATEWAYS
        )
        self._previews = 0

    def __enter__(self) -> Base:
        self._cloud.__enter__()
        self.environment = engine.isolated(self.place, self._cloud.environment)
        try:
            self._up()
        except engine.EngineError as error:
            self.errors = (str(error),)
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cloud.__exit__(kind, error, trace)

    def preview(self) -> StackPreview:
        """The working tree, as it is now, against the base."""
        self._previews += 1
        folder = checkout.working_tree(self.root, self.place / f"head-{self._previews}")
        changed = self._changed_settings(folder) if self.is_compared else ()
        if self.errors:
            return StackPreview(self.stack, self.against, settings=changed, errors=self.errors)
        checkout.disclose(folder, self.stack)
        checkout.adopt_salt(self.folder, folder, self.stack)
        with step(f"{self.stack}: preview of the working tree"):
            log = self.place / f"events-{self._previews}.json"
            options = policies(folder)
            failures = engine.preview(folder, self.stack, self.environment, log, options)
            self._reveal(failures)
        return assembled(self.stack, self.against, failures, changed)

    def _up(self) -> None:
        if not checkout.stack_file(self.folder, self.stack).exists():
            # A new stack: everything in it is created.
            engine.make_stack(self.folder, self.stack, self.environment)
            return
        checkout.disclose(self.folder, self.stack)
        engine.make_stack(self.folder, self.stack, self.environment)
        with step(f"{self.stack}: base up on the simulated cloud"):
            log = engine.up(self.folder, self.stack, self.environment, self.place / "base.json")
        failed = engine.errors(log)
        self.errors = (FAILED, *failed) if failed else ()

    def _reveal(self, log: list[engine.Event]) -> None:
        """Put back what the engine masked, as SDKs take a document in a bucket for a secret.

        Nothing secret is in it: no secret of the stack file was decrypted (`checkout.disclose`).
        """
        before = {row.urn: row.inputs for row in self._cloud.resources()}
        after = self._cloud.provider.program_inputs
        for event in log:
            step = event.get("resourcePreEvent", {}).get("metadata") or {}
            for side, values in (("old", before), ("new", after)):
                inputs = (step.get(side) or {}).get("inputs") or {}
                for key, value in values.get(step.get("urn", ""), {}).items():
                    if is_masked(inputs.get(key)):
                        inputs[key] = UNKNOWN if has_unknown(value) else value

    def _changed_settings(self, folder: Path) -> tuple[Setting, ...]:
        """The settings of the stack file that differ; a secret is told by its name alone."""
        old, new = flat(self.settings), flat(checkout.settings(folder, self.stack))
        target = str(new.get("mlops:target") or old.get("mlops:target") or "local")
        return tuple(
            Setting(path.removesuffix(".secure"), MASK, MASK)
            if path.endswith(".secure")
            else Setting(path, old.get(path), new.get(path), default(path, target))
            for path in dict.fromkeys([*old, *new])
            if old.get(path) != new.get(path)
        )
