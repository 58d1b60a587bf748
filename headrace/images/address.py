"""Where a host is: one look-up, and every address in the answer has to be public."""

import ipaddress
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from headrace.images.deadline import Deadline
from headrace.images.error import ImageError
from headrace.images.left_behind import StuckError, domain, left_behind
from headrace.images.url import Target

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[..., list[Any]]  # the shape of socket.getaddrinfo

# What `is_global` accepts though no public web server is there (IANA's special-purpose registries).
_NOT_PUBLIC_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "192.0.0.0/24",  # IETF protocols; one cloud's metadata service lives here
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays
            "192.175.48.0/24",  # AS112
            "168.63.129.16/32",  # Azure's host, from inside every virtual machine
            "224.0.0.0/4",  # multicast
        ),
    )
)
# Everything outside of it is mapped, translated (NAT64), local, multicast or unassigned.
_GLOBAL_UNICAST_V6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # IETF protocols: Teredo, benchmarking, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: an IPv4 address inside
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)


def is_public(address: Address) -> bool:
    """Tell whether an address is global unicast: the open internet, and nothing else."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in network for network in _NOT_PUBLIC_V4)
    if address.scope_id or address not in _GLOBAL_UNICAST_V6:
        return False
    return not any(address in network for network in _NOT_PUBLIC_V6)


def resolve(target: Target, resolver: Resolver, deadline: Deadline) -> list[Address]:
    """Look a target's host up, once.

    Args:
        target: Where to go.
        resolver: `socket.getaddrinfo`, or what stands in for it.
        deadline: When to give up.

    Returns:
        At least one address, in the resolver's order; all public unless the target is listed.

    Raises:
        ImageError: if there is no address, or one of them is not public.
        TimeoutError: if the deadline passed.
    """
    try:
        addresses = [ipaddress.ip_address(target.host)]
    except ValueError:
        addresses = _look_up(target, resolver, deadline)
    if not (target.listed or all(map(is_public, addresses))):
        raise ImageError("address", "the host does not have public addresses only")
    return addresses


def _look_up(target: Target, resolver: Resolver, deadline: Deadline) -> list[Address]:
    try:
        look_up = partial(resolver, target.host, target.port, type=socket.SOCK_STREAM)
        answers = left_behind.call(domain(target.host), deadline, look_up)
        addresses = [ipaddress.ip_address(answer[4][0]) for answer in answers]
    except TimeoutError:
        raise
    except StuckError:
        message = "the name servers of the host's domain do not answer"
        raise ImageError("dns", message, transient=True) from None
    except (OSError, ValueError):
        raise ImageError("dns", "the host was not found", transient=True) from None
    if not addresses:
        raise ImageError("dns", "the host was not found", transient=True)
    return addresses
