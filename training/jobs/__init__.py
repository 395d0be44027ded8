"""Entry points of a cloud's jobs: one module per target, the entry of its containers.

It maps the service's file contract to ``mlops step NAME ...`` and nothing else.
"""
