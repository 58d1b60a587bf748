"""Mappings of each source whose worker is in this process or in a child.

A worker gets records and answers for each of them; what holds for a function of events is in
`headrace.testing.conformance`.
"""

import pytest

from tests.support.mapping_case import SOURCES, MappingCase

# More than a hundred times a part of a second.
IN_A_CHILD = pytest.param("records in a child", marks=pytest.mark.slow(seconds=0.3))


@pytest.fixture(params=SOURCES)
def source(request):
    return request.param


@pytest.fixture(params=["records", IN_A_CHILD])
def case(request, source):
    return MappingCase(source, request.param)


@pytest.fixture(params=["records", "event"])
def prompt_case(request, source):
    """Without children, which take some time to start; a worker, or a function of events."""
    return MappingCase(source, request.param)
