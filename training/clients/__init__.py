"""Clients of the clouds' services: one module per cloud, shared by its back ends."""
