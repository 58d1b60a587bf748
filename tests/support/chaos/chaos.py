"""A chaos run: runners of one group at work while they and the broker are killed and stopped.

Faults come by progress, not by the clock, so that each meets runners at work however loaded the
machine is.
"""

import random
import signal
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from headrace.testing.brokers.apache_kafka import KafkaBroker
from headrace.testing.brokers.compose import ComposeKafka
from tests.support.chaos import history as chaos_history
from tests.support.chaos import kafka as chaos_kafka
from tests.support.chaos.check import Evidence
from tests.support.chaos.kafka import Reader, Source
from tests.support.chaos.plan import MAX_POLL_SECONDS, Plan
from tests.support.chaos.runners import Runner, Runners
from tests.support.chaos.verdict import Verdict, judge

_ARMED_SECONDS = 60
_STALL_SECONDS = 180
_LOOK_SECONDS = 0.05  # between two looks at the histories
_ASK_SECONDS = 0.5  # between two questions that take the broker, or this process, some work
_STOP_SECONDS = 60
_MOST_CRASHES = 5


class Standstill(Exception):
    """The runners do nothing more, though there is work, or keep ending by themselves."""


class Chaos:
    """One run on a broker, with its files in a folder of its own.

    Args:
        plan: how much of everything.
        broker: it is killed and started again.
        folder: takes histories and logs.
        tell: takes a line for each fault as it comes.
    """

    def __init__(
        self,
        plan: Plan,
        broker: KafkaBroker | ComposeKafka,
        folder: Path,
        tell: Callable[[str], None],
    ) -> None:
        self._plan = plan
        self._broker = broker
        self._folder = folder
        self._tell = tell
        self._chance = random.Random(plan.seed)
        self._topic = f"chaos-{uuid.uuid4().hex[:12]}"
        self._dead = f"{self._topic}-dead"
        self._progress = 0
        self._started_at = self._progressed_at = time.monotonic()

    def run(self) -> Verdict:
        """Do it all and judge it. No process of it is left."""
        plan, bootstrap = self._plan, self._broker.bootstrap
        chaos_kafka.create_topics(bootstrap, {self._topic: plan.partitions, self._dead: 1})
        self._records = chaos_kafka.records(plan, self._chance)
        self._source = Source(bootstrap, self._topic, self._records, lead=plan.records // 10)
        flags = [
            *("--kafka", bootstrap, "--topic", self._topic, "--group", self._topic),
            *plan.flags(f"kafka://{bootstrap}/{self._dead}"),
        ]
        self._runners = Runners(flags, self._folder, plan.runners, plan.handler_seconds)
        self._source.start()
        mishaps = []
        try:
            self._inflict_all()
            if plan.ending == "cure":
                self._cure()
            self._finish()
            self._runners.stop(_STOP_SECONDS)
        except Standstill as standstill:
            mishaps.append(str(standstill))
        finally:
            self._source.give_up()
            self._runners.end()
        self._report("the end")
        return self._judge([*self._runners.crashes, *mishaps])

    def _inflict_all(self) -> None:
        faults = self._plan.faults(self._chance)
        for number, fault in enumerate(faults, 1):
            due = self._plan.records * number // (len(faults) + 2)
            self._go_on(lambda due=due: self._progress < due)
            self._report(fault)
            self._inflict(fault)

    def _inflict(self, fault: str) -> None:
        what, _, how = fault.partition(" ")
        if what == "kill":
            self._kill(how)
        elif what == "stop":
            self._stop_for(MAX_POLL_SECONDS + 2)
        else:
            self._restart_broker(how)

    def _kill(self, point: str) -> None:
        chosen, kills = self._any_runner(), self._runners.kills
        if point != "anywhere":
            # A commit is never far. Poison is rare: whoever comes to it first.
            armed = [chosen] if point.startswith("commit") else [*self._runners.running]
            for runner in armed:
                runner.arm(point)
            self._wait_for_kill(kills)
            for runner in armed:
                runner.disarm()
        if self._runners.kills == kills:
            chosen.process.kill()
            self._wait_for_kill(kills)

    def _wait_for_kill(self, kills: int) -> None:
        until = time.monotonic() + _ARMED_SECONDS
        self._go_on(lambda: self._runners.kills == kills and time.monotonic() < until)

    def _stop_for(self, seconds: float) -> None:
        runner = self._any_runner()
        runner.process.send_signal(signal.SIGSTOP)
        until = time.monotonic() + seconds
        self._go_on(lambda: time.monotonic() < until)
        runner.process.send_signal(signal.SIGCONT)

    def _restart_broker(self, how: str) -> None:
        if how == "SIGKILL":
            self._broker.kill()
        self._broker.restart()
        self._progressed_at = time.monotonic()

    def _cure(self) -> None:
        """Wait until all is processed that no poison holds back; then end the poison."""
        free = chaos_kafka.not_held_back(self._records)
        self._go_on(lambda: bool(free - chaos_history.processed(self._folder)), _ASK_SECONDS)
        self._report(f"all of the {len(free):,} records are done that no poison holds back")
        (self._folder / "cured").touch()

    def _finish(self) -> None:
        """Wait until all is written, handled and committed."""
        place = self._topic, self._plan.partitions
        reader = Reader(self._broker.bootstrap, group=self._topic)
        try:
            self._go_on(self._source.is_alive)
            self._go_on(lambda: not reader.all_committed(*place), _ASK_SECONDS)
        finally:
            reader.close()

    def _go_on(self, condition: Callable[[], bool], every: float = _LOOK_SECONDS) -> None:
        """Replace who died and feed the runners, as long as the condition holds."""
        while condition():
            self._runners.tend()
            now, handled = time.monotonic(), self._runners.handled()
            if handled > self._progress:
                self._progress, self._progressed_at = handled, now
            elif now - self._progressed_at > _STALL_SECONDS:
                raise Standstill(f"no record in {_STALL_SECONDS} s, after {handled:,}")
            if len(self._runners.crashes) > _MOST_CRASHES:
                raise Standstill("runners end by themselves, again and again")
            self._source.follow(self._progress)
            time.sleep(every)

    def _report(self, what: str) -> None:
        seconds = time.monotonic() - self._started_at
        self._tell(f"{seconds:>5.0f} s {self._progress:>9,} handled: {what}")

    def _any_runner(self) -> Runner:
        """One that is at work, so that it has something to lose; as long as there is work."""
        self._go_on(lambda: self._progress < self._plan.records and not self._runners.at_work())
        return self._chance.choice(self._runners.at_work() or self._runners.running)

    def _judge(self, mishaps: list[str]) -> Verdict:
        reader = Reader(self._broker.bootstrap, group=self._topic)
        partitions = self._plan.partitions
        try:
            evidence = Evidence(
                log=reader.log(self._topic, partitions),
                acknowledged=self._source.acknowledged,
                events=chaos_history.read(self._folder),
                dead_letters=reader.dead_letters(self._dead),
                committed=reader.committed(self._topic, partitions),
                ends=reader.ends(self._topic, partitions),
                window=self._plan.window,
                cured=self._plan.ending == "cure",
            )
        finally:
            reader.close()
        return judge(self._plan, evidence, self._runners.kills, mishaps)
