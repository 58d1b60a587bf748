"""Tumbling windows, whose state goes from one invocation to the next."""
