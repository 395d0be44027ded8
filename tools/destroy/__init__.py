"""Removes a stack, and says what is left and why."""
