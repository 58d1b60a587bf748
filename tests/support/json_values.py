"""Values at the ends of what JSON can say."""

BIG = 147573952589676412927


def nested(depth):
    """Lists in a list, so deep."""
    value = []
    for _ in range(depth):
        value = [value]
    return value
