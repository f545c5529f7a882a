"""What a reconciliation has found."""

from collections.abc import Callable
from dataclasses import dataclass, field

# Violations of one invariant that are kept with what repairs them; beyond these they are only counted.
MAX_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong.

    Args:
        subject: which row, for a person, e.g. `order #4711`.
        detail: what is wrong with it.
        repair: repairs it if nothing has changed since, and returns whether it did; None when a person has
            to decide.
    """

    subject: str
    detail: str
    repair: Callable[[], bool] | None = None


@dataclass(slots=True)
class Finding:
    """The result of checking one invariant.

    Args:
        invariant: its short name.
        promise: the invariant itself, in words.
        checked: how many rows it was checked on.
        violated: how many of them violate it.
        violations: the first of those.
        skipped: why it could not be checked; empty when it was.
    """

    invariant: str
    promise: str
    checked: int = 0
    violated: int = 0
    violations: list[Violation] = field(default_factory=list)
    skipped: str = ""

    def add(self, violation: Violation) -> None:
        """Count a violation; the first `MAX_KEPT` are kept."""
        self.violated += 1
        if len(self.violations) < MAX_KEPT:
            self.violations.append(violation)

    def repair(self) -> int:
        """Repair what can be repaired; return how many violations that leaves."""
        repaired = [v for v in self.violations if v.repair and v.repair()]
        return self.violated - len(repaired)
