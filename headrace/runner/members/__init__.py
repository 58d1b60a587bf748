"""Several processes that read as members of one group, under one supervisor."""

VARIABLE = "_HEADRACE_MEMBER"
"""In the environment of a member: its number, and the descriptor of the pipe that it writes to."""
