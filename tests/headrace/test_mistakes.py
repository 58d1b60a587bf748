"""Ordinary mistakes at the command line: one line on standard error, exit code 1 or 2, no trace."""

import gc
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from headrace.cli import main

WORKER = """
from headrace import Worker, lambda_handler

class Orders(Worker):
    def process(self, record):
        return {"ok": True}

handler = lambda_handler(Orders)
"""
FILES = {
    "orders.py": WORKER,
    "shop/billing.py": WORKER,
    "syntax.py": "def handler(event, context)\n    return 1\n",
    "binary.py": "\0",
    "missing_import.py": "import nosuchpackage\n",
    "raises.py": "THE_NUMBER = 1 / 0\n",
    "no_handler.py": "X = 1\n",
    "plain.py": "def handler(event, context):\n    return {1, 2}\n",
    "number.py": "handler = 5\n",
    "setup_fails.py": WORKER.replace(
        "    def process",
        "    def setup(self):\n        raise OSError('no disk')\n\n    def process",
    ),
    "setup_raises.py": WORKER.replace(
        "    def process", "    def setup(self):\n        self.rates = {}['EUR']\n\n    def process"
    ),
    "exits.py": "import sys\nsys.exit(0)\n",
    "setup_exits.py": WORKER.replace(
        "    def process", "    def setup(self):\n        raise SystemExit\n\n    def process"
    ),
    "process_exits.py": WORKER.replace('return {"ok": True}', "raise SystemExit(0)"),
    "unspeakable.py": "class Odd(Exception):\n    def __str__(self): raise SystemExit\n"
    + WORKER.replace('return {"ok": True}', "raise Odd"),
    "raising.py": WORKER.replace('return {"ok": True}', "raise KeyError(record.json()['id'])"),
    "answers_a_set.py": WORKER.replace('{"ok": True}', "{1, 2}"),
    "rows.py": "import sys\nnone, number, text, ended = list, int, sys.getdefaultencoding, exit\n"
    "\ndef sets():\n    return [{1}]\n\nasync def later():\n    return []\n",
    "event.json": '{"id": 1}',
    "list.json": "[1]",
    "broken.json": '{"id": ',
    "empty.jsonl": "",
    "rows.jsonl": '{"id": 1}\n',
    "letters.jsonl": "not a letter\n",
    "template.yaml": "Resources: {A: {Type: AWS::Serverless::Function}}\n",
    "empty.yaml": "",
    "broken.yaml": "a: [",
    "picture.png": "no picture",
}
ROOT = Path(__file__).parents[2]
KAFKA = "--kafka 127.0.0.1:1 --topic orders"
MISTAKES = [
    ("", "required: COMMAND"),
    ("fly", "invalid choice: 'fly'"),
    ("--colour run", "--colour"),
    # run
    ("run", "name a worker or a template"),
    ("run orders", "say what is read: --kafka HOST:PORT, --kinesis STREAM, --dynamodb TABLE or"),
    ("run --kafka h:1 --topic t", "name a worker"),
    (f"run orderss {KAFKA}", "orderss"),
    (f"run ./orders.py {KAFKA}", "did you mean orders?"),
    (f"run shop/billing {KAFKA}", "did you mean shop.billing?"),
    (f"run billing {KAFKA}", "did you mean shop.billing?"),
    (f"run orders:handle {KAFKA}", "did you mean orders:handler?"),
    (f"run no_handler {KAFKA}", "no_handler has no 'handler'"),
    (f"run number {KAFKA}", "number:handler"),
    (f"run syntax {KAFKA}", "syntax.py, line 1: SyntaxError"),
    (f"run binary {KAFKA}", "cannot load binary: SyntaxError: source code string cannot contain"),
    (f"run missing_import {KAFKA}", "missing_import.py, line 1: ModuleNotFoundError"),
    (f"run raises {KAFKA}", "raises.py, line 1: ZeroDivisionError"),
    (f"run setup_fails {KAFKA}", "setup_fails.py, line 6: OSError: no disk"),
    (f"run setup_raises {KAFKA}", "setup_raises.py, line 6: KeyError: 'EUR'"),
    (f"run setup_raises {KAFKA} --function-timeout-seconds 5", "KeyError: 'EUR'"),
    (f"run exits {KAFKA}", "exits.py, line 2: SystemExit: 0"),
    (f"run setup_exits {KAFKA}", "setup_exits.py, line 6: RuntimeError: SystemExit"),
    (f"run setup_exits {KAFKA} --function-timeout-seconds 5", "SystemExit"),
    (f"run workers.object_detector {KAFKA}", "publish one with"),
    ("run orders --kafka h:1", "--topic is missing"),
    (f"HEADRACE_BATCH_SIZE=many run orders {KAFKA}", "HEADRACE_BATCH_SIZE='many': expected a"),
    (f"HEADRACE_LOG_LEVEL=loud run orders {KAFKA}", "HEADRACE_LOG_LEVEL='loud': choose DEBUG"),
    ("run orders --kafka 127.0.0.1:99999 --topic t", "'127.0.0.1:99999' is no address of a broker"),
    ("run orders --kafka http://h:1 --topic t", "'http://h:1' is no address of a broker"),
    ("run orders --kafka , --topic t", "there is no address of a broker"),
    (f"run orders {KAFKA} --starting-position-timestamp 1e300", "at most 253402300799"),
    (f"run orders {KAFKA} --deadline-reserve-seconds=-1", "--deadline-reserve-seconds"),
    ("run orders --kafka h:1 --kinesis s --topic t", "a run reads one of them"),
    (f"run orders {KAFKA} --stream s", "a run reads one of them"),
    (f"run orders {KAFKA} --consumer-name c", "--consumer-name is for kinesis"),
    (f"run orders {KAFKA} --batch-size many", "--batch-size"),
    (f"run orders {KAFKA} --batch-size 0", "--batch-size"),
    (f"run orders {KAFKA} --batch-size 20000", "--batch-size"),
    (f"run orders {KAFKA} --starting-position EARLIEST", "TRIM_HORIZON, LATEST or AT_TIMESTAMP"),
    (f"run orders {KAFKA} --log-level loud", "DEBUG, INFO, WARNING or ERROR"),
    (f"run orders {KAFKA} --starting-position AT_TIMESTAMP", "go together"),
    (f"run orders {KAFKA} --sink-url pigeon://nest", "unknown scheme 'pigeon'"),
    (f"run orders {KAFKA} --sink-url out.jsonl", "for a file, write file:out.jsonl"),
    (f"run orders {KAFKA} --sink-url file:%00x", "a control character"),
    (f"run orders {KAFKA} --function-timeout-seconds inf", "expected a number"),
    (f"run orders {KAFKA} --dead-letter-url kafka://h/", "the topic is missing"),
    (f"run orders {KAFKA} --on-failure-url file:", "the path is missing"),
    (f"run orders {KAFKA} --dead-letter-url kafka:///orders", "is the topic that is read, orders"),
    (f"run orders {KAFKA} --on-failure-url kafka://127.0.0.1:1/orders", "the topic that is read"),
    (f"run orders {KAFKA} --filter-criteria [", "HEADRACE_FILTER_CRITERIA is not JSON"),
    (
        f'run orders {KAFKA} --filter-criteria [{{"a\\nb":[1]}}]',
        r"a\nb: kafka records are filtered",
    ),
    (f"run orders\x1b[2J {KAFKA}", "2J"),
    (f"run orders {KAFKA} --batch-size \x1b[2J", r"\x1b[2J"),
    ("\x1b[2J", r"\x1b[2J"),
    (f"run orders {KAFKA} --consumer-config x", "'x' is not KEY=VALUE"),
    (f"run orders {KAFKA} --consumer-config nosuch=1", "nosuch"),
    (f"run orders {KAFKA} --consumer-config group.id=x", "set HEADRACE_GROUP"),
    (f"run orders {KAFKA} --emf-metrics perhaps", "--emf-metrics"),
    (f"run orders {KAFKA} --worker-concurrency 0", "--worker-concurrency"),
    (f"run orders {KAFKA} --max-records=-1", "-1 is not a positive number"),
    (f"run orders {KAFKA} --max-records many", "many is not a positive number"),
    (f"run orders {KAFKA} --stop-when-idle=-1", "-1 is not a positive number"),
    (f"run orders {KAFKA} --stop-when-idle inf", "inf is not a positive number"),
    (f"run orders {KAFKA} --http-port {{busy}}", "{busy}"),
    (f"run orders {KAFKA} --function-timeout-seconds 0.5", "leaves no time"),
    (f"run orders {KAFKA} --credentials-file none.json", "none.json"),
    (f"run orders {KAFKA} --sasl-mechanism PLAIN", "HEADRACE_SASL"),
    (f"run orders {KAFKA} --credentials-file /dev/zero", "/dev/zero: more than 1,000,000 bytes"),
    (f"run orders {KAFKA} --group \udcff", r"--group='\udcff': not UTF-8"),
    (f"run orders {KAFKA} --consumer-config \udcff=1", r"'\udcff=1': not UTF-8"),
    (f"run orders {KAFKA} --consumer-config client.id=\udcff", "not UTF-8"),
    ("run orders --kafka h\udcff:1 --topic t", "not UTF-8"),
    (f"HEADRACE_BATCH_SIZE=\udcff run orders {KAFKA}", "HEADRACE_BATCH_SIZE="),
    (
        f"HEADRACE_SASL_PASSWORD=p\udcff run orders {KAFKA} --sasl-mechanism PLAIN"
        " --sasl-username u",
        "HEADRACE_SASL_PASSWORD is not UTF-8",
    ),
    (
        f"run orders {KAFKA} --value-frame confluent --schema-registry-url http://h:1"
        " --value-schema /dev/zero",
        "/dev/zero: more than 1,000,000 bytes",
    ),
    (
        f"run orders {KAFKA} --value-frame confluent --schema-registry-url http://h:1"
        " --schema-registry-credentials-file /dev/zero",
        "/dev/zero: more than 1,000,000 bytes",
    ),
    (
        f"HEADRACE_SCHEMA_REGISTRY_TOKEN=\udcff run orders {KAFKA} --value-frame confluent"
        " --schema-registry-url http://h:1",
        "HEADRACE_SCHEMA_REGISTRY_TOKEN is not UTF-8",
    ),
    (
        f"run orders {KAFKA} --sink-url postgres://127.0.0.1:1/d?table=t&password_file=/dev/zero",
        "/dev/zero: more than 1,000,000 bytes",
    ),
    (
        "run orders --kinesis s --region eu-west-1 --endpoint http://127.0.0.1:99999",
        "the endpoint 'http://127.0.0.1:99999' is no address",
    ),
    ("run orders --sqs q --region eu-west-1 --endpoint ftp://h", "'ftp://h' is no address"),
    ("run --function f " + KAFKA, "--group is missing"),
    (f"run orders {KAFKA} --function f", "one of them"),
    (f"run orders extra {KAFKA}", "goes with a template"),
    ("run none.yaml", "none.yaml: No such file"),
    ("run template.yaml", "no function with stream or queue events"),
    ("run empty.yaml", "it has no Resources"),
    ("run broken.yaml", "not YAML"),
    ("run endless.yaml", "endless.yaml: more than 10,000,000 bytes"),
    ("run --function http://u:pw@h:x --group g " + KAFKA, "='http://***@h:x': Failed to parse"),
    (
        "run orders --kinesis s --region eu-west-1 --endpoint http://u:pw@h",
        "an endpoint takes no user and no password",
    ),
    (f"run --function ftp://u:pw@h/f --group g {KAFKA}", "an http:// or https:// address"),
    ("run template.yaml --parameter Stage", "--parameter: 'Stage' is not KEY=VALUE"),
    ("run orders --kinesis s", "Kinesis client: You must specify a region."),
    ("run orders --kinesis s --region eu-west-1 --checkpoints .", "checkpoints .: unable to open"),
    ("run orders --kinesis s --region eu-west-1 --checkpoints orders.py", "checkpoints orders.py"),
    (f"run order {KAFKA}", "there is no module 'order'; did you mean orders?"),
    (f"run Orders {KAFKA}", "did you mean orders?"),
    (f"run shop.biling {KAFKA}", "did you mean shop.billing?"),
    (f"run orders {KAFKA} --function-timeout-seconds 1e308", "at most 1000000000"),
    # serve
    ("serve", "required: WORKER"),
    ("serve orderss", "orderss"),
    ("serve plain", "plain"),
    ("serve orders --port many", "--port"),
    ("HEADRACE_SERVE_PORT=many serve orders", "HEADRACE_SERVE_PORT='many': expected a whole"),
    ("serve orders --port 70000", "--port"),
    ("serve orders --port {busy}", "cannot listen at 127.0.0.1:{busy}: Address already in use"),
    ("serve orders --host no.such.host.invalid", "cannot listen at no.such.host.invalid"),
    ("serve orders --host \udcff", "not UTF-8"),
    (f"HEADRACE_API_KEY={'k' * 16}\udcff serve orders", "HEADRACE_API_KEY is not UTF-8"),
    ("serve orders --concurrency 0", "--concurrency"),
    ("serve orders --concurrency 100000", "at most 1000"),
    ("serve orders shop.billing --invocations true", "--invocations is for one worker"),
    ("serve setup_raises --port 0", "setup_raises.py, line 6: KeyError: 'EUR'"),
    ("serve setup_raises --port 0 --function-timeout-seconds 5", "KeyError: 'EUR'"),
    ("serve setup_fails --port 0", "setup_fails.py, line 6: OSError: no disk"),
    ("serve exits", "exits.py, line 2: SystemExit: 0"),
    ("serve setup_exits --port 0", "setup_exits.py, line 6: RuntimeError: SystemExit"),
    ("serve workers.tumor_classifier --port 0", "publish one with"),
    # invoke
    ("invoke workers.tumor_classifier --event event.json", "publish one with"),
    ("invoke orders", "required"),
    ("invoke ./orders.py --event event.json", "did you mean orders?"),
    ("invoke orders --event none.json", "none.json"),
    ("invoke orders --event broken.json", "broken.json is not JSON"),
    ("invoke orders --event event.json --url x", "not allowed with"),
    ("invoke orders --event list.json --field a=1", "the event is no JSON object"),
    ("invoke orders --event event.json --field a", "--field: 'a' is not KEY=VALUE"),
    ("invoke orders --event .", "Is a directory"),
    ("invoke orders --event /dev/zero", "/dev/zero: more than 100,000,000 bytes"),
    ("invoke orders --file /dev/zero", "/dev/zero: more than 100,000,000 bytes"),
    ("invoke orders --file none.png", "none.png"),
    ("invoke orders --event event.json --out x.png", "the answer has no body"),
    ("invoke answers_a_set --event event.json", "set"),
    ("invoke plain --event event.json", "plain"),
    ("invoke syntax --event event.json", "syntax.py, line 1"),
    ("invoke setup_raises --event event.json", "setup_raises.py, line 6: KeyError: 'EUR'"),
    ("invoke raising --event event.json", "raising.py, line 6: KeyError: 1"),
    ("invoke exits --event event.json", "exits.py, line 2: SystemExit: 0"),
    (
        "invoke process_exits --event event.json",
        "process_exits.py, line 6: RuntimeError: SystemExit",
    ),
    ("invoke unspeakable --event event.json", "Odd: <RuntimeError in its __str__>"),
    ("invoke setup_fails --event event.json", "setup_fails.py, line 6: OSError: no disk"),
    # produce
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


@pytest.fixture
def project(tmp_path, monkeypatch, own_environment):
    """A user's folder, in which the test works; returns a port that somebody else has."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "linked").symlink_to("nowhere")
    (tmp_path / "endless.yaml").symlink_to("/dev/zero")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("HEADRACE_", "AWS_"))]:
        del os.environ[name]
    monkeypatch.setattr(sys, "path", sys.path.copy())
    before = set(sys.modules)
    with socket.create_server(("127.0.0.1", 0)) as busy:
        yield busy.getsockname()[1]
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in {file.partition(".")[0] for file in FILES} | {"shop"}:
            del sys.modules[name]


def headrace(line):
    """Run a command line, which may begin with variables; returns its exit code."""
    while (variable := re.match(r"(HEADRACE_\w+)=(\S+) ", line)) is not None:
        os.environ[variable[1]] = variable[2]
        line = line[variable.end() :]
    if line.startswith("serve "):  # a server that fails at its start is no thread of this process
        command = [sys.executable, "-m", "headrace", *line.split()]
        environ = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(command, env=environ, check=False).returncode
    try:
        return main(line.split())
    except SystemExit as ended:
        return ended.code


@pytest.fixture
def no_collector():
    """What is in a cycle stays there, as in a process that has better things to do."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    "line",
    [
        f"run setup_raises {KAFKA}",
        f"run orders {KAFKA} --sink-url nowhere:",
        f"run orders {KAFKA} --http-port {{busy}}",
    ],
)
def test_a_start_that_fails_leaves_no_client(line, project, capfd, no_collector):
    threads = psutil.Process().num_threads()

    assert headrace(line.replace("{busy}", str(project))) in {1, 2}

    assert psutil.Process().num_threads() == threads


@pytest.mark.parametrize(("line", "complaint"), MISTAKES, ids=[line for line, _ in MISTAKES])
def test_a_mistake_is_one_line(line, complaint, project, capfd):
    code = headrace(line.replace("{busy}", str(project)))
    out, err = capfd.readouterr()
    assert code in {1, 2}
    (told,) = err.splitlines()
    assert told.startswith("headrace")
    assert complaint.replace("{busy}", str(project)) in told
    assert not any(line.startswith("Traceback") for line in out.splitlines())


@pytest.mark.parametrize(
    "line",
    [
        "fly",
        "run billing --kafka 127.0.0.1:1 --topic orders",
        "invoke setup_raises --event event.json",
        "serve orders --port {busy}",
        "produce --to kafka://127.0.0.1:1/t?delivery.timeout.ms=1000 --file rows.jsonl",
    ],
)
def test_the_command_itself_says_no_more(line, project):
    arguments = line.replace("{busy}", str(project)).split()
    done = subprocess.run(
        [sys.executable, "-m", "headrace", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode in {1, 2}
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_the_table_is_long_enough():
    assert len(MISTAKES) >= 60
