"""One version in a container: the same requests and answers as the endpoint on `local`."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from training import compiled, predictor, versions
from training.errors import UserError
from training.pipeline import RESULT
from training.predictor import Predictor
from training.scoring import COMPILED, DIGEST, MODEL, VERSION
from training.serving import answers, requests
from training.serving.answers import Answer, problem
from training.serving.input_values import RequestError

log = logging.getLogger(__name__)


def load(folder: Path, environment: Mapping[str, str]) -> Scorer:
    """The version that the environment names, out of the folder that the training step wrote.

    Raises UserError if the model file is not the one that was registered, or was made with other
    libraries; it is not loaded then.
    """
    model = environment[MODEL]
    if VERSION not in environment:
        return Scorer(model, None)
    trained = json.loads((folder / RESULT).read_text())
    manifest = {**trained, "model": model, "version": int(environment[VERSION])}
    if COMPILED in environment and compiled.installed():
        path = _verified_file(folder / compiled.FILE, environment[COMPILED], manifest)
        return _warm_up(Scorer(model, predictor.from_compiled(path, manifest)), manifest)
    predictor.check_pickles(manifest)
    versions.check_libraries(manifest)
    path = _verified_file(folder / predictor.FILE, environment[DIGEST], manifest)
    return _warm_up(Scorer(model, predictor.from_file(path, manifest)), manifest)


def _verified_file(path: Path, registered: str, manifest: versions.Manifest) -> Path:
    actual = versions.sha256(path)
    if actual != registered:
        raise UserError(
            f"{path.name} of model {manifest['model']!r} version {manifest['version']} has SHA-256 "
            f"{actual}, registered was {registered}; it is not loaded"
        )
    return path


def _warm_up(scorer: Scorer, manifest: versions.Manifest) -> Scorer:
    """The scorer after it scored once: a first prediction imports and allocates for later ones.

    Raises UserError if the model fails on the example that it was registered with.
    """
    if "example" in manifest:
        body = json.dumps({"instances": [manifest["example"]["inputs"]]}).encode()
        answer = scorer.answer(requests.JSON, body)
        if answer.status != 200:
            raise UserError(
                f"model {scorer.model!r} fails on its own input example: {answer.body.decode()}"
            )
    return scorer


@dataclass(frozen=True)
class Scorer:
    """Answers for one model; `predictor` is None before the first release."""

    model: str
    predictor: Predictor | None

    def answer(self, content_type: str, body: bytes) -> Answer:
        """Answer one request; whatever is wrong with it is in the answer."""
        request = uuid.uuid4().hex
        try:
            return Answer(200, self._predicted(request, content_type, body))
        except RequestError as error:
            return Answer(error.status, problem(str(error)))
        except Exception:
            log.exception("model %s, request %s failed", self.model, request)
            return Answer(500, problem(f"the request failed; the log has it as {request}"))

    def _predicted(self, request: str, content_type: str, body: bytes) -> bytes:
        if self.predictor is None:
            raise RequestError(answers.no_release(self.model), 503)
        plain = content_type.split(";")[0].strip().lower()
        inputs = requests.parse(plain, body, self.predictor.columns)
        predictions, scores = answers.predict(self.predictor, inputs)
        return answers.predicted(predictions, scores, self.model, self.predictor.version, request)
