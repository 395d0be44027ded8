"""Requests that wait at the same time are predicted in one call.

A call of a scikit-learn pipeline costs about the same for 1 row and for 100, so under load the
requests that arrived during one call share the next.
"""

from __future__ import annotations

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from training.predictor import Predictor
from training.serving import requests
from training.serving.requests import BadRequest, Inputs

MAX_BATCH_ROWS = 4_000

Predicted = tuple[np.ndarray, np.ndarray]
