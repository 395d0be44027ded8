"""What each target creates per capability, what it lacks, what it costs: docs/targets.md."""
