"""Response headers in the forms of the services: each has its own for a name that repeats."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

Pairs = Sequence[tuple[str, str]]

Form = Literal["v1", "v2", "alb", "alb-multi-value"]
"""API Gateway's REST APIs, its HTTP APIs and Function URLs, and load balancers."""


def v2(pairs: Pairs) -> dict[str, Any]:
    """Return the fields of an HTTP API and a Function URL: cookies have one of their own."""
    cookies = [value for name, value in pairs if _is_cookie(name)]
    headers = _joined((name, value) for name, value in pairs if not _is_cookie(name))
    return {"headers": headers} | ({"cookies": cookies} if cookies else {})


def v1(pairs: Pairs) -> dict[str, Any]:
    """Return the fields of a REST API: names with several values have one of their own."""
    listed = _listed(pairs)
    headers = {name: values[0] for name, values in listed.items() if len(values) == 1}
    many = {name: values for name, values in listed.items() if len(values) > 1}
    return {"headers": headers} | ({"multiValueHeaders": many} if many else {})


def alb(pairs: Pairs) -> dict[str, Any]:
    """Return the field of a load balancer without multi-value headers, which reads one of a name.

    Names differ in case for it, so that several cookies have names that mean the same.
    """
    headers = _joined((name, value) for name, value in pairs if not _is_cookie(name))
    cookies = [value for name, value in pairs if _is_cookie(name)]
    headers |= {_spelt("set-cookie", number): value for number, value in enumerate(cookies)}
    return {"headers": headers}


def alb_multi_value(pairs: Pairs) -> dict[str, Any]:
    """Return the field of a load balancer with multi-value headers, which reads no other."""
    return {"multiValueHeaders": _listed(pairs)}


FORMS: Mapping[Form, Callable[[Pairs], dict[str, Any]]] = {
    "v1": v1,
    "v2": v2,
    "alb": alb,
    "alb-multi-value": alb_multi_value,
}


def _is_cookie(name: str) -> bool:
    return name.lower() == "set-cookie"


def _listed(pairs: Pairs) -> dict[str, list[str]]:
    """Return the values of each name, as it was first written."""
    written: dict[str, str] = {}
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(written.setdefault(name.lower(), name), []).append(value)
    return found


def _joined(pairs: Any) -> dict[str, str]:
    """Return one value of each name: several are a list, as HTTP has it."""
    return {name: ", ".join(values) for name, values in _listed(list(pairs)).items()}


def _spelt(name: str, number: int) -> str:
    """Return the name with the letters in upper case that the bits of a number choose."""
    return "".join(c.upper() if number >> place & 1 else c for place, c in enumerate(name))
