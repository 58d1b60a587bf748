"""Authorities of clients, and callers of a server that speaks TLS."""

import http.client
import ssl
import subprocess

from tests.support.client_certificates import Signer, write

ROOT, STRANGER = Signer("Shop CA"), Signer("Nobody's CA")
SECOND = Signer("second", ROOT)
THIRD = Signer("third", SECOND)
FOURTH = Signer("fourth", THIRD)

SOUND, REVOKED = ROOT.issue("till-7"), ROOT.issue("stolen")


def context_of(folder, client=None, **options):
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    for name, value in options.items():
        setattr(context, name, value)
    if client is not None:
        context.load_cert_chain(*write(folder, "client", *client))
    return context


def ask(port, context):
    connection = http.client.HTTPSConnection("localhost", port, timeout=20, context=context)
    try:
        connection.request("POST", "/", b"12345")
        return connection.getresponse().status
    finally:
        connection.close()


def curl(port, folder, *arguments, body=b""):
    """The version of HTTP, the status and the body of an answer."""
    command = ["curl", "--silent", "--max-time", "20", "--cacert", str(folder / "ca.pem")]
    command += ["--write-out", "\\n%{http_version} %{http_code}", *arguments]
    done = subprocess.run([*command, f"https://localhost:{port}/"], input=body, capture_output=True)
    text, _, last = done.stdout.decode().rpartition("\n")
    version, status = last.split()
    return version, int(status), text
