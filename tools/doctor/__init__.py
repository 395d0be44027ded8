"""What the target of a stack needs, whether it is there, and what to do if not."""
