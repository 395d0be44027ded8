"""Bad input: one table of cases, which the tests and docs/errors.md are made from."""
