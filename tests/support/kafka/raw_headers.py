"""Messages that Python's client cannot make: the name of a header is bytes, not text."""

import ctypes

from confluent_kafka import cimpl

_END, _TOPIC, _PARTITION, _VALUE, _KEY, _FLAGS, _HEADERS = 0, 1, 3, 4, 5, 7, 10
_COPY = 2
_FLUSH_MS = 10_000


def produce_raw(bootstrap: str, topic: str, value: bytes, key: bytes, header: bytes) -> None:
    """Write one message to partition 0, with a header of this name, and wait until it is kept."""
    library = ctypes.CDLL(cimpl.__file__)
    pointer = ctypes.c_void_p
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_headers_new"):
        getattr(library, name).restype = pointer
    reason = ctypes.create_string_buffer(512)
    settings = pointer(library.rd_kafka_conf_new())
    size = ctypes.c_size_t(len(reason))
    library.rd_kafka_conf_set(settings, b"bootstrap.servers", bootstrap.encode(), reason, size)
    producer = pointer(library.rd_kafka_new(0, settings, reason, size))
    headers = pointer(library.rd_kafka_headers_new(ctypes.c_size_t(1)))
    length = ctypes.c_ssize_t(len(header))
    library.rd_kafka_header_add(headers, header, length, b"v", ctypes.c_ssize_t(1))
    refused = library.rd_kafka_producev(
        *(producer, _TOPIC, ctypes.c_char_p(topic.encode()), _PARTITION, ctypes.c_int32(0)),
        *(_VALUE, ctypes.c_char_p(value), ctypes.c_size_t(len(value))),
        *(_KEY, ctypes.c_char_p(key), ctypes.c_size_t(len(key))),
        *(_FLAGS, _COPY, _HEADERS, headers, _END),
    )
    left = library.rd_kafka_flush(producer, _FLUSH_MS)
    library.rd_kafka_destroy(producer)
    assert (refused, left) == (0, 0)
