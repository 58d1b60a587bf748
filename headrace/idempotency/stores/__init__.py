"""Stores of `@once` by URL, one file for each kind."""
