"""Parts by size: all keys, in order, none over the bounds but one that is too large by itself."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from headrace.by_size import by_size


@given(st.lists(st.integers(0, 12)), st.integers(1, 4))
def test_each_part_is_as_large_as_it_may_be_and_no_larger(lengths, most):
    sizes = dict(enumerate(lengths))

    parts = by_size(sizes, 10, most)

    assert [key for part in parts for key in part] == list(sizes)
    for part in parts:
        assert 1 <= len(part) <= most
        assert len(part) == 1 or sum(sizes[key] for key in part) <= 10
    for part, following in pairwise(parts):
        assert len(part) == most or sum(sizes[key] for key in (*part, following[0])) > 10
