"""A function in a process of its own, which can be ended."""
