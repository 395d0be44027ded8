"""The console: the pages of any stack for one person, and actions if they are asked for.

It listens on this computer only and lets in whoever has the address that the terminal shows; what
it reads and does, it does with the rights of the person who started it. docs/console.md has the
threat model.
"""
