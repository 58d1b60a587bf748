"""What `headrace run` is about to do: which settings, which function, with which environment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from headrace.plan.given import Given, build
from headrace.plan.secrets import hiding
from headrace.runner.filter.filter import Filter
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.runner.source_settings import SOURCES, Source
from headrace.runner.sqs.check import check_for_queue
from headrace.runner.sqs.settings import SqsSource
from headrace.worker import WorkerSettings

_OF_OTHERS = {
    name for kind in (MappingSettings, *SOURCES.values()) for name in kind.__struct_fields__
}
OF_THE_WORKER = tuple(n for n in WorkerSettings.__struct_fields__ if n not in _OF_OTHERS)
"""Settings that only a worker in this process has."""


@dataclass(frozen=True)
class Plan:
    """All that a run needs.

    Attributes:
        kind: what is read.
        about: what a reader of the plan wants to know first, by name.
        given: settings by name: those of the source, of the mapping and of the worker.
        load: imports the handler. None if the function is elsewhere.
        environment: variables for the function, unless they are set already.
        notes: what else a reader of the plan should know.
        warnings: what whoever runs it should know, too.
        secrets: texts that must not be shown.
    """

    kind: SourceKind
    about: dict[str, str]
    given: dict[str, Given]
    load: Callable[[], Any] | None
    environment: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    secrets: frozenset[str] = frozenset()

    def source(self) -> Source:
        """Return the settings of the source. Raises SettingsError."""
        with hiding(self.secrets):
            return build(SOURCES[self.kind], self.given)

    def worker(self) -> WorkerSettings:
        """Return the settings of the worker. Raises SettingsError."""
        with hiding(self.secrets):
            return build(WorkerSettings, self.given)

    def mapping(self) -> MappingSettings:
        """Return the settings of the mapping, once checked. Raises SettingsError."""
        with hiding(self.secrets):
            settings = build(MappingSettings, self.given)
            settings.check()
            settings.check_source(self.kind)
            if self.kind == "sqs":
                check_for_queue(build(SqsSource, self.given), settings)
            Filter.parse(settings.filter_criteria, self.kind)
        return settings
