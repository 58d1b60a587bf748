"""The HTTP server in front of a worker."""
