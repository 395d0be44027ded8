"""What a stack costs: a rough estimate from a dated table of list prices."""
