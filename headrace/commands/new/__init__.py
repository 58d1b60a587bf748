"""`headrace new`: a small project of one's own."""
