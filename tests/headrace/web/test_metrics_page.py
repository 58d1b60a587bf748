"""The form of a page of metrics is its reader's choice; a choice that is none harms nothing."""

import pytest
from prometheus_client import CollectorRegistry, Counter

from headrace.web.metrics_page import metrics_page


@pytest.mark.parametrize("version", ["a.b.c", "1.x", "", "1;escaping=none", "99999999999.0"])
@pytest.mark.parametrize("kind", ["application/openmetrics-text", "text/plain"])
def test_any_version_that_is_asked_for_gets_a_page(kind, version):
    registry = CollectorRegistry()
    Counter("orders", "Orders.", registry=registry).inc()

    page, content_type = metrics_page(registry, f"{kind};version={version}")
    assert b"orders_total 1.0" in page
    assert content_type.split(";")[0] in {"application/openmetrics-text", "text/plain"}
