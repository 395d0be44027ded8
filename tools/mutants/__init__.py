"""Mutants: small faults planted one at a time, to see whether a test fails."""
