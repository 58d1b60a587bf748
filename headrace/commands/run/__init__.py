"""`headrace run`: what was asked for, layer over layer, and the run itself."""
