"""Versions of models on a mounted folder: written once, verified at every read."""
