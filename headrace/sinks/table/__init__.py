"""What the sinks of a table share: rows, which records have theirs, which row is to blame."""
