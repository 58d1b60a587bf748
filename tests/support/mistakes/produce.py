"""Mistakes at `headrace produce`, and what the one line says of them."""

OF_PRODUCE = [
    ("produce --to file:rows.jsonl --file rows.jsonl", "is the file itself that is read"),
    ("produce --to file:./rows.jsonl --file shop/../rows.jsonl", "is the file itself"),
    ("produce --to file:out.jsonl --rows orders", "orders is a worker: --rows takes a function"),
    ("produce --file rows.jsonl", "required: --to"),
    ("produce --to file:out.jsonl", "--file --rows is required"),
    ("produce --to file:out.jsonl --file none.jsonl", "none.jsonl"),
    ("produce --to file:out.jsonl --file empty.jsonl", "empty.jsonl holds no messages"),
    ("produce --to file:out.jsonl --file rows.jsonl --count -1", "--count"),
    ("produce --to file:out.jsonl --file rows.jsonl --count many", "many is not a number"),
    ("produce --to file:out.jsonl --file rows.jsonl --count 9999999999999999999999", "--count"),
    ("produce --to file:out.jsonl --file rows.jsonl --frame glue", "--frame goes with --avro"),
    ("produce --to kafka://h:x/t --file rows.jsonl", "'h:x' is no address of a broker"),
    (
        "produce --to sqs://q?endpoint=http://u:pw@h&region=eu-west-1 --file rows.jsonl",
        "sqs://q: an endpoint takes no user and no password",
    ),
    (
        "produce --to kinesis://s?endpoint=http://127.0.0.1:99999&region=eu-west-1"
        " --file rows.jsonl",
        "'http://127.0.0.1:99999' is no address",
    ),
    (
        "produce --to file:out.jsonl --file rows.jsonl --schema-registry-url http://h:1"
        " --avro /dev/zero",
        "/dev/zero: more than 1,000,000 bytes",
    ),
    (
        "HEADRACE_BOOTSTRAP_SERVERS=h\udcff:1 produce --to kafka:///t --file rows.jsonl",
        "is no address of a broker",
    ),
    ("produce --to pigeon://nest --file rows.jsonl", "unknown scheme 'pigeon'"),
    ("produce --to kafka://h --file rows.jsonl", "the topic is missing"),
    ("produce --to kafka:///t --file rows.jsonl", "HEADRACE_BOOTSTRAP_SERVERS"),
    (
        "produce --to kafka://127.0.0.1:1/t?delivery.timeout.ms=1000 --file rows.jsonl",
        "not written",
    ),
    ("produce --to file:out.jsonl --rows rows:nothing", "nothing"),
    ("produce --to file:out.jsonl --rows rows:none", "rows:none holds no messages"),
    ("produce --to file:out.jsonl --rows rows:number", "gave no messages"),
    ("produce --to file:out.jsonl --rows rows:text", "gave no messages, but str"),
    ("produce --to file:out.jsonl --rows rows:ended", "SystemExit"),
    ("produce --to file:out.jsonl --rows rows:sets", "no JSON value"),
    ("produce --to file:out.jsonl --rows rows:later", "gave no messages, but coroutine"),
]
