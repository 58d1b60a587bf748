"""What AWS promises of an event source mapping, as data, and how any mapping is held against it.

The page `docs/conformance.md` shows the table, and how an adapter is written.
"""

from headrace.testing.conformance.adapter import Adapter, Verdict, judge
from headrace.testing.conformance.events import entries
from headrace.testing.conformance.expected import Expected
from headrace.testing.conformance.function import ScriptedError, ScriptedFunction
from headrace.testing.conformance.given import GivenRecord, Script
from headrace.testing.conformance.observed import Failure, Invocation, Observed, Unsupported
from headrace.testing.conformance.reading import requirements
from headrace.testing.conformance.requirement import Requirement

__all__ = [
    "Adapter",
    "Expected",
    "Failure",
    "GivenRecord",
    "Invocation",
    "Observed",
    "Requirement",
    "Script",
    "ScriptedError",
    "ScriptedFunction",
    "Unsupported",
    "Verdict",
    "entries",
    "judge",
    "requirements",
]
