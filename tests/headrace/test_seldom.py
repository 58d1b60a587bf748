"""What happens again and again is told at once, and then with how often it was not."""

from headrace.seldom import Seldom


def test_the_first_of_a_kind_is_told_and_the_next_ones_are_counted():
    now = [0.0]
    seldom = Seldom(10.0, lambda: now[0])
    assert [seldom.due("a"), seldom.due("a"), seldom.due("b"), seldom.due("a")] == [
        0,
        None,
        0,
        None,
    ]
    now[0] = 10.0
    assert [seldom.due(kind) for kind in "aab"] == [2, None, 0]
