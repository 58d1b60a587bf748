"""TLS ends here, before the server.

Granian could end it. But it waits for ever for the first byte of a connection that may be HTTP/2,
and tells the application nothing of a client's certificate.
"""
