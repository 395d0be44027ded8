"""The endpoint of a local stack: one server process, `mlops serve`."""
