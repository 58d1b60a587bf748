"""Other mappings, held against the same requirements through the API of AWS."""
