"""A published detector becomes a version of the store."""
