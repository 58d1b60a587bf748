"""Where dead letters lie, one file for each kind of place."""
