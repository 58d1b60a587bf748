"""Schema registries: what they hold, asked for once."""
