"""A thousand broken messages: each is a reject with its reason, or still one that fits."""

import random
import zlib

import pytest

from headrace import Worker
from headrace.payloads.frames import LARGEST
from headrace.testing import run
from tests.support.payloads.messages import FORMATS, FRAMES, ORDER

TRIES = 100


class Orders(Worker):
    def process(self, record):
        return {"read": repr(record.data)[:80]}


def mutated(data, chance):
    """One to three bytes changed, put in, taken out, or the end cut off."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0 if place < len(data):
                data[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            case 1:
                data.insert(place, chance.choice((0, 0xFE, 0xFF, chance.randrange(256))))
            case 2:
                del data[place : place + chance.randint(1, 4)]
            case _:
                del data[place:]
    return bytes(data)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("frame", FRAMES)
def test_mutated_messages_are_rejects_with_a_reason(form, frame, registry, producer):
    """Nine times a hundred, of frames and of payloads."""
    record = producer.record(form, frame, ORDER)
    chance = random.Random(f"{form}{frame}")
    values = [mutated(record.value, chance) for _ in range(TRIES)]
    records = [
        type(record)("kafka", record.position, value, None, record.headers) for value in values
    ]
    told = {"value_frame": FRAMES[frame][0], "schema_registry_url": registry.url}
    result = run(Orders, records, **told)
    assert not result.failures  # neither a retry nor an exception
    for index, answer in enumerate(result.results):
        assert (answer is None) == (index in result.rejects)
    assert len(result.rejects) > TRIES // 5
    for letter in result.rejects.values():
        assert letter.error.startswith("the value")
        assert len(letter.error) > len("the value: ")
        assert " object at 0x" not in letter.error  # as Python shows what is no text
        assert letter.error.isprintable()


def test_mutated_frames_of_glue_are_rejects_with_a_reason(registry):
    """A hundred frames, plain and compressed; what is still a frame has an unknown id."""
    from headrace.payloads.frames import open_glue
    from headrace.payloads.schema import DoesNotFit
    from tests.support.payloads.messages import glue_messages

    chance, refused = random.Random(5), 0
    for message in glue_messages() * 10:
        data = mutated(bytes.fromhex(message["bytes"]), chance)
        try:
            schema, payload = open_glue(data)
        except DoesNotFit:
            refused += 1
        else:
            assert len(schema) == 36
            assert isinstance(payload, bytes)
    assert refused > 20


def test_a_compressed_payload_becomes_no_larger_than_its_bound():
    from headrace.payloads.frames import open_glue
    from headrace.payloads.schema import DoesNotFit

    bomb = b"\x03\x05" + bytes(16) + zlib.compress(bytes(LARGEST + 1), 1)
    with pytest.raises(DoesNotFit, match="larger than 64 MB"):
        open_glue(bomb)
