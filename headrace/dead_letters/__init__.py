"""Where dead letters lie, and how they go back to where they came from."""
