"""A finished run becomes a version of the store."""
