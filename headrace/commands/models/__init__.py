"""`headrace models`: one file for each kind of action on the model store."""
