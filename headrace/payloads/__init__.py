"""Keys and values of Kafka that follow a schema of a registry: their bytes become objects."""
