"""Previews of a change to stacks, for people to read: with credentials or without."""
