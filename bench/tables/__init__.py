"""Public tables through the steps of both pipelines, to find tables that nobody thought of."""
