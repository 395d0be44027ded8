"""What a change would do to stacks, for people to read: previews without credentials or with."""
