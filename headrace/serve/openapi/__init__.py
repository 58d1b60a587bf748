"""What is served, as an OpenAPI 3.1 document, and a page that shows it."""
