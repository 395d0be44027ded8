"""Fixtures of the simulated cloud's tests."""

from life import begin as begin
