"""Stand-ins for AWS: how one is started, and how the sources of requirements are made on it."""
