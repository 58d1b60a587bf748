"""A batch that fails is split until the poison is alone."""

import pytest

from tests.support.delivery import Delivery
from tests.support.failing import WHOLE, batch_of, partial, whole


def test_a_batch_that_fails_as_a_whole_is_halved_down_to_the_poison_and_tried_in_order():
    found = Delivery(batch_of(8), whole({5}), bisect=True, retries=1, **WHOLE)
    assert found.calls == [
        [0, 1, 2, 3, 4, 5, 6, 7],
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [4, 5],
        [4],
        [5],
        [5],
        [6, 7],
    ]
    assert [letter.value for letter in found.letters()] == [b"5"]


def test_a_bisect_is_not_a_retry():
    """GIVEN no retry at all, THEN halving goes on to single records all the same."""
    found = Delivery(batch_of(4), whole({3}), bisect=True, retries=0)
    assert found.calls == [[0, 1, 2, 3], [0, 1], [2, 3], [2], [3]]
    assert [letter.value for letter in found.letters()] == [b"3"]


def test_without_bisect_a_whole_batch_is_retried_and_given_up_whole():
    found = Delivery(batch_of(3), whole({1}), retries=2)
    assert found.calls == [[0, 1, 2]] * 3
    assert [letter.value for letter in found.letters()] == [b"0", b"1", b"2"]


def test_a_part_that_was_not_tried_by_itself_is_tried_at_once_and_only_retries_wait():
    found = Delivery(batch_of(4), whole({0}), bisect=True, retries=2, **WHOLE)
    assert found.calls == [[0, 1, 2, 3], [0, 1], [0], [0], [0], [1], [2, 3]]
    assert found.tries == [0, 0, 1, 2, 0, 0]


def test_with_a_partial_response_the_batch_splits_at_the_returned_offset():
    """Its attempts count anew then: once with the others, twice alone at the front."""
    found = Delivery(batch_of(6), partial({2}), bisect=True, retries=1, **WHOLE)
    assert found.calls == [[0, 1, 2, 3, 4, 5], [2, 3, 4, 5], [2, 3, 4, 5], [3, 4, 5]]
    assert [letter.value for letter in found.letters()] == [b"2"]


def test_a_whole_failure_after_a_partial_one_halves_what_is_left():
    def invoke(records):
        if len(records) == 6:
            return partial({2})(records)
        return whole({4})(records)

    found = Delivery(batch_of(6), invoke, bisect=True, retries=0)
    assert found.calls == [[0, 1, 2, 3, 4, 5], [3, 4], [3], [4], [2], [5]]
    assert [letter.value for letter in found.letters()] == [b"4"]


@pytest.mark.parametrize("position", range(100))
@pytest.mark.parametrize("function", [whole, partial])
def test_poison_at_any_position_is_the_only_dead_letter(position, function):
    seen = []
    found = Delivery(batch_of(100), function({position}, seen), bisect=True, retries=3)
    assert [letter.position.offset for letter in found.letters()] == [position]
    assert sorted(seen) == [n for n in range(100) if n != position]  # each once
    for key in range(3):
        assert (own := [n for n in seen if n % 3 == key]) == sorted(own)
    # Halving a hundred takes seven steps down and as many up; the poison alone four attempts, with
    # another one beside others; what was behind it comes in one batch.
    assert len(found.calls) <= 2 * 7 + 1 + 5 + 1


@pytest.mark.parametrize("function", [whole, partial])
def test_every_record_poison_every_record_a_dead_letter(function):
    found = Delivery(batch_of(16), function(range(16)), bisect=True, retries=1)
    assert [letter.position.offset for letter in found.letters()] == list(range(16))
