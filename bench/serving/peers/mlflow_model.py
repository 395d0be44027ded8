"""The estimator as an MLflow model, as its documentation does: python mlflow_model.py FROM TO."""

import sys

import joblib
import mlflow.sklearn

mlflow.sklearn.save_model(joblib.load(sys.argv[1]), sys.argv[2])
