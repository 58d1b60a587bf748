"""An image URL becomes pixels, safely."""
