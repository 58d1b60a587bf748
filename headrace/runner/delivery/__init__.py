"""One attempt at a batch, and what follows from a failed one."""
