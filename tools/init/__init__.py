"""A new stack file from a few questions or flags."""
