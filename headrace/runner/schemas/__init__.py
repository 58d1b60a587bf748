"""A mapping's schema registry: keys and values are checked before the function, as on AWS."""
