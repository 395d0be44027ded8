"""Targets compared: resources per capability, gaps, cost: docs/targets.md."""
