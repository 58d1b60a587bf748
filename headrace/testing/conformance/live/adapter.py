"""An adapter: our runner as `headrace run` runs it, on sources that are not ours."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from headrace.errors import SettingsError
from headrace.runner.function.errors import Throttled
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.testing.conformance.arrivals import Arrivals
from headrace.testing.conformance.function import ScriptedFunction
from headrace.testing.conformance.live.asking import check
from headrace.testing.conformance.live.running import Running
from headrace.testing.conformance.live.source import LiveSource, Make, begins_in, wait_until
from headrace.testing.conformance.observed import Observed, Unsupported
from headrace.testing.conformance.ours.letters import failures_of
from headrace.testing.conformance.ours.properties import mapping_settings, read_properties
from headrace.testing.conformance.requirement import QUEUES, Requirement
from headrace.testing.conformance.stand_ins.refusal import taken

_SPARE = 3
# AWS does not say how long a retry waits; here nobody waits longer than a second.
_OF_STREAMS = {"retry_backoff_max_seconds": 1.0}


class LiveAdapter:
    """Runs the runner on a broker of Kafka, or on a stand-in for AWS.

    Args:
        name: of the column.
        makers: makes a source, by the source's name in requirements.
        gives_ages: a record's time can be given: what is to be old need not wait.
        at_once: how many requirements it runs side by side.
    """

    def __init__(
        self,
        name: str,
        makers: Mapping[str, Make],
        *,
        gives_ages: bool = False,
        at_once: int = 16,
    ) -> None:
        self.name = name
        self.at_once = at_once
        self._makers = makers
        self._gives_ages = gives_ages

    def run(self, requirement: Requirement) -> Observed:
        """Run a requirement. Raises Unsupported."""
        if requirement.source not in self._makers:
            raise Unsupported(f"it has no {requirement.source}")
        check(requirement, gives_ages=self._gives_ages)
        started_at = time.time() + (0.0 if self._gives_ages else begins_in(requirement))
        with TemporaryDirectory(prefix="conformance-") as folder:
            try:
                settings, failed = _settings(requirement, started_at, Path(folder))
                source = self._make(requirement, Path(folder), started_at)
                observed = self._run(requirement, settings, source, started_at)
            except SettingsError as error:
                return Observed(refused=str(error))
            observed.failures = failures_of(failed.read(), requirement)
            source.observe(observed)
        return observed

    def _make(self, requirement: Requirement, folder: Path, started_at: float) -> LiveSource:
        with taken("source"):
            return self._makers[requirement.source](requirement, folder, started_at)

    def _run(
        self,
        requirement: Requirement,
        settings: MappingSettings,
        source: LiveSource,
        started_at: float,
    ) -> Observed:
        arrivals = Arrivals(self._timed(requirement), source.write)
        with taken("record"):
            while arrivals.next_at is not None and arrivals.next_at <= 0:
                wait_until(started_at + arrivals.next_at)
                arrivals.until(arrivals.next_at)
        source.begin(requirement.begun)
        wait_until(started_at)
        begun = time.monotonic()
        function = ScriptedFunction(
            requirement, lambda: time.monotonic() - begun, lambda: Throttled("busy")
        )
        with Running(function, source.settings, settings) as running:
            running.rest(requirement, function, arrivals)
        return Observed(invocations=function.invocations, most_at_once=function.most_at_once)

    def _timed(self, requirement: Requirement) -> Requirement:
        """Return the requirement with its records as they are to be written."""
        if self._gives_ages:
            return requirement
        records = [replace(r, at=r.at - r.age) for r in requirement.records]
        return replace(requirement, records=records)


class _Failed:
    """The file that takes failure records."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "failed.jsonl"
        self.url = f"file:{self._file}"

    def read(self) -> list[bytes]:
        lines = self._file.read_bytes().splitlines() if self._file.exists() else []
        return [json.dumps(json.loads(line)["value"]).encode() for line in lines]


def _settings(
    requirement: Requirement, started_at: float, folder: Path
) -> tuple[MappingSettings, _Failed]:
    """Return the settings of the mapping, and where its failures go. Raises SettingsError."""
    kind: SourceKind = "sqs" if requirement.source == "fifo" else requirement.source
    given, failed = read_properties(requirement, kind, started_at), _Failed(folder)
    more = {} if requirement.source in QUEUES else dict(_OF_STREAMS)
    if "on_failure_url" in given:
        given["on_failure_url"] = failed.url
    settings = mapping_settings({**given, **more})
    together = requirement.function.together
    if together > 1 and requirement.source not in QUEUES:
        settings = replace(settings, function_concurrency=together + _SPARE)
    return settings, failed
