"""The predictor of AWS's sample for an own scikit-learn container (amazon-sagemaker-examples,
scikit_bring_your_own, ``predictor.py``), with JSON for its CSV. SM_MODEL_DIR has the file."""

import json
import os
from typing import Any

import flask
import joblib
import pandas as pd

app = flask.Flask(__name__)
model = None


def loaded_model() -> Any:
    """The model, loaded with a worker's first request."""
    global model
    if model is None:
        model = joblib.load(os.path.join(os.environ["SM_MODEL_DIR"], "model.joblib"))
    return model


@app.route("/ping", methods=["GET"])
def ping() -> flask.Response:
    """Healthy once the model can be loaded."""
    return flask.Response("\n", 200 if loaded_model() else 404, mimetype="application/json")


@app.route("/invocations", methods=["POST"])
def invocations() -> flask.Response:
    """Scores of the rows."""
    frame = pd.DataFrame(json.loads(flask.request.data)["instances"])
    scores = loaded_model().predict_proba(frame)[:, 1].tolist()
    return flask.Response(json.dumps({"scores": scores}), 200, mimetype="application/json")
