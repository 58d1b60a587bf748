"""Annotated pictures from folders, and how they are varied."""
