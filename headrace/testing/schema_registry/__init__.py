"""A small schema registry with Confluent's interface, for development and tests."""
