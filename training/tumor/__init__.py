"""Training of the breast-cancer classifier."""
