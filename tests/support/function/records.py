"""Records for a function elsewhere."""

from tests.support.runner import kafka_record

RECORDS = [kafka_record(offset, b"%d" % offset, b"k", timestamp=1) for offset in range(5)]
