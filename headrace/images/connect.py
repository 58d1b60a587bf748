"""From a target to a connected socket: the addresses that were checked, and no others."""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from functools import cached_property

from headrace.images.address import Address, Resolver, resolve
from headrace.images.deadline import Deadline
from headrace.images.error import ImageError
from headrace.images.url import Target

Connect = Callable[[Address, int, float], socket.socket]


def tcp(address: Address, port: int, timeout: float) -> socket.socket:
    """Connect to an address, without any look-up, within `timeout` seconds."""
    v4 = isinstance(address, ipaddress.IPv4Address)
    connection = socket.socket(socket.AF_INET if v4 else socket.AF_INET6, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.connect((str(address), port))
    except BaseException:
        connection.close()
        raise
    return connection


class Dialer:
    """Opens connections, and holds what they share.

    Args:
        resolver: What stands in for `socket.getaddrinfo`.
        ssl_context: Whom to trust; None trusts whom the system trusts.
        connect: What stands in for `tcp`.
    """

    def __init__(
        self,
        resolver: Resolver | None,
        ssl_context: ssl.SSLContext | None,
        connect: Connect | None,
    ) -> None:
        self._resolver = resolver or socket.getaddrinfo
        self._given_context = ssl_context
        self._connect = connect or tcp

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return self._given_context or ssl.create_default_context()

    def open(self, target: Target, deadline: Deadline) -> socket.socket:
        """Connect to a target; over https, the server must prove that it is the target's host.

        Raises:
            ImageError: if the target must not be reached, or could not be.
            TimeoutError: if the deadline passed.
            OSError: if the handshake failed.
        """
        addresses = resolve(target, self._resolver, deadline)
        connection = self._first_that_answers(addresses, target.port, deadline)
        if target.scheme == "http":
            return connection
        try:
            connection.settimeout(deadline.remaining())
            return self._context.wrap_socket(connection, server_hostname=target.host)
        except BaseException:
            connection.close()
            raise

    def _first_that_answers(
        self, addresses: Sequence[Address], port: int, deadline: Deadline
    ) -> socket.socket:
        for tried, address in enumerate(addresses):
            # A fair share each, or one dead address would use up the time of all.
            share = deadline.remaining() / (len(addresses) - tried)
            try:
                return self._connect(address, port, share)
            except OSError:
                continue
        deadline.remaining()
        raise ImageError("connect", "the host could not be reached", transient=True)
