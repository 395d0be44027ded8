"""The estimator as an MLflow model, as its documentation does: python mlflow_model.py FROM TO."""

import sys

import joblib
import mlflow.sklearn

# The format of before: its new default refuses the trees of histogram boosting.
mlflow.sklearn.save_model(joblib.load(sys.argv[1]), sys.argv[2], serialization_format="cloudpickle")
