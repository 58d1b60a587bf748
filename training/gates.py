"""What a model must reach before it may replace the one that serves."""

from collections.abc import Iterator, Mapping

from headrace.errors import HeadraceError


class GateError(HeadraceError):
    """The candidate is not good enough; the message names every gate that it failed."""


def check(
    metrics: Mapping[str, float], minimums: Mapping[str, float], current: Mapping[str, float] | None
) -> None:
    """Compare a candidate with fixed minimums, and with the current version.

    Args:
        metrics: the candidate's; higher is better for those that a minimum names.
        minimums: the least acceptable value by metric.
        current: the current version's metrics, with standard errors under `<metric>_se`. A
            candidate may be worse by one of them: that much is chance. None if there is no
            current version; a metric that it does not have is not compared.

    Raises:
        GateError: A metric is too low, or not a number.
    """
    faults = [*_below(metrics, minimums), *_worse(metrics, minimums, current or {})]
    if faults:
        raise GateError("; ".join(faults))


def _below(metrics: Mapping[str, float], minimums: Mapping[str, float]) -> Iterator[str]:
    for name, minimum in minimums.items():
        if not metrics[name] >= minimum:  # also refuses NaN
            yield f"{name} {metrics[name]:.4f} is below {minimum}"


def _worse(
    metrics: Mapping[str, float], names: Mapping[str, float], current: Mapping[str, float]
) -> Iterator[str]:
    for name in names:
        if name not in current:
            continue
        error = current.get(f"{name}_se", 0.0)
        if metrics[name] < current[name] - error:
            yield (
                f"{name} {metrics[name]:.4f} is worse than the current {current[name]:.4f}"
                f" by more than one standard error ({error:.4f})"
            )
