"""`headrace models keygen`: a key pair to sign versions with."""

import argparse
import os
from pathlib import Path

from headrace.commands.models.arguments import write
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.extras import needs
from headrace.store.errors import StoreError


def add_parser(commands: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the action."""
    text = "Make a key pair to sign versions with."
    keygen = add_subcommand(commands, "keygen", text, "headrace models keygen signing.pem")
    keygen.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="Where the signing key is written. A file that exists is never overwritten.",
    )
    keygen.set_defaults(func=_keygen)


def _keygen(args: argparse.Namespace) -> int:
    try:
        from headrace.store.signing import SigningKey  # noqa: PLC0415 - cryptography
    except ModuleNotFoundError as error:
        raise needs("signing", error) from None

    key = SigningKey.generate()
    try:
        descriptor = os.open(args.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise StoreError(f"cannot write the signing key: {error}") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(key.pem())
    write(
        f"signing key    {args.file}: what it holds is HEADRACE_MODEL_SIGNING_KEY, for publishers"
    )
    write(f"verifying key  HEADRACE_MODEL_VERIFY_KEY={key.verify_key().text()}")
    return 0
