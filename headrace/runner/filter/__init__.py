"""Event patterns: which records are worth an invocation."""
