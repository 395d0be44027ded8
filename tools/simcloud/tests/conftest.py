"""Fixtures of the simulated cloud's tests."""

from life import begin as begin
from life import stored as stored
