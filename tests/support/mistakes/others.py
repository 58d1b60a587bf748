"""Mistakes at the other commands, or without one, and what the one line says of them."""

OF_OTHERS = [
    ("", "required: COMMAND"),
    ("fly", "invalid choice: 'fly'"),
    ("--colour run", "--colour"),
    # models
    ("HEADRACE_MODEL_REFRESH_SECONDS=-1 models list", "expected a number of at least 0"),
    ("models", "required: ACTION"),
    ("models show tumor", "tumor"),
    ("HEADRACE_MODEL_ROOT=orders.py models list", "the model store orders.py is no folder"),
    ("HEADRACE_MODEL_VERIFY_KEY=x models list", "HEADRACE_MODEL_VERIFY_KEY: not a verifying key"),
    (
        "HEADRACE_MODEL_SIGNING_KEY=key.pem models publish m event.json",
        "HEADRACE_MODEL_SIGNING_KEY: not a signing key: base64 of 32 bytes, or PEM, and no file",
    ),
    ("models verify tumor", "tumor"),
    ("models rollback tumor", "tumor"),
    ("models rollback ../x", "../x"),
    ("models collect tumor --keep many", "--keep"),
    ("models collect tumor --keep=-1", "not -1"),
    ("models collect tumor --older-than nan", "nan is no number of seconds"),
    ("models collect tumor --older-than inf", "inf is no number of seconds"),
    ("models keygen orders.py", "orders.py"),
    ("models keygen no/folder/key.pem", "no/folder/key.pem"),
    ("new linked", "linked is there already"),
    # dead-letters
    ("dead-letters", "required: ACTION"),
    ("dead-letters list", "required: URL"),
    ("dead-letters list file:none.jsonl", "no such file"),
    ("dead-letters list sns://topic", "cannot be read back"),
    ("dead-letters list letters.jsonl", "for a file, write file:letters.jsonl"),
    ("dead-letters list kafka:///t", "HEADRACE_BOOTSTRAP_SERVERS"),
    ("dead-letters show file:letters.jsonl", "required: ID"),
    ("dead-letters show file:empty.jsonl orders-0@9", "no dead letter orders-0@9"),
    ("dead-letters show file:letters.jsonl a", "file:letters.jsonl, where 1 message is no dead"),
    ("dead-letters replay file:letters.jsonl a --source t", "where 1 message is no dead letter"),
    ("dead-letters replay file:empty.jsonl", "--all"),
    ("dead-letters replay file:empty.jsonl --to pigeon://nest --all", "pigeon"),
    (
        "dead-letters replay file:empty.jsonl --to file:empty.jsonl --all",
        "where the dead letters lie",
    ),
    ("dead-letters replay file:empty.jsonl --all --source t?x=1", "'t?x=1' is no name of a topic"),
    (
        "dead-letters replay file:empty.jsonl --to file:shop/../empty.jsonl --all",
        "where the dead letters lie",
    ),
    # kafka
    ("kafka", "required: ACTION"),
    ("kafka start --port 0", "0 is not a port"),
    ("kafka start --port many", "many is not a port"),
    ("kafka start --docker --jars", "not allowed with"),
]
