"""A page of Prometheus metrics, in the form that its reader asks for."""

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder


def metrics_page(registry: CollectorRegistry, accept: str) -> tuple[bytes, str]:
    """Return a page and its content type.

    Args:
        registry: What is shown.
        accept: The reader's `Accept`; one that is none asks for the plain form.
    """
    try:
        encode, content_type = choose_encoder(accept)
    except (TypeError, ValueError):  # of a version that is no number
        encode, content_type = choose_encoder("")
    return encode(registry), content_type
