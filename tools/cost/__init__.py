"""Cost of a stack: a rough estimate from a dated table of list prices."""
