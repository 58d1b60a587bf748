"""How a batch reaches the function: in this process, a child, behind HTTP, in Lambda."""
