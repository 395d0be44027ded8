"""Checks of what a stack's target needs, with the remedy for what is missing."""
