"""Check that nothing is lost or doubled: stock against orders, e-mails, copies, the search index.

It reads a stage, which may be in use, and changes nothing without `--repair`. Exit status: 0 no violation,
1 some invariants are violated, 2 they could not be checked.
"""

import argparse
import json
import sys
from datetime import timedelta

from rich.progress import SpinnerColumn, TextColumn

from chalicelib.platform.settings import Settings
from chalicelib.wiring import Wiring
from chalicelib.wiring.overrides import Overrides
from infra.commands import add_stage_options, progress, run_on_stage, with_deployed
from infra.ops.reconcile.checks import reconcile
from infra.ops.reconcile.findings import Finding
from infra.ops.reconcile.stage import Stage

MARGIN_SECONDS = 60.0
OVERDUE_SECONDS = 900.0
SHOWN = 20


def main() -> int:
    """Reconcile; see the module's text for the exit status."""
    options = _options()

    def work(settings: Settings) -> int:
        findings = _check(with_deployed(settings), options)
        left = {finding.invariant: finding.violated for finding in findings}
        if options.repair:
            left = {finding.invariant: finding.repair() for finding in findings}
        (_print_json if options.json else _print)(settings.stage, findings, left)
        return 1 if any(left.values()) else 0

    return run_on_stage(options, work, failure="Not reconciled", failed_status=2)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infra.ops.reconcile",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add_stage_options(parser)
    parser.add_argument(
        "--repair",
        action="store_true",
        help="repair copies, due marks, lost confirmations and the search index; never stock",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    parser.add_argument(
        "--margin-seconds",
        type=_seconds,
        default=MARGIN_SECONDS,
        metavar="S",
        help="changes this far apart may be in either order; 0 for a stage that is not in use",
    )
    parser.add_argument(
        "--overdue-seconds",
        type=_seconds,
        default=OVERDUE_SECONDS,
        metavar="S",
        help="work that has been due for so long counts as forgotten",
    )
    return parser.parse_args()


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 7 * 86400:
        raise argparse.ArgumentTypeError("must be from 0 to a week")
    return seconds


def _check(settings: Settings, options: argparse.Namespace) -> list[Finding]:
    with progress(SpinnerColumn(), TextColumn("{task.completed} rows read")) as shown:
        task = shown.add_task("Reconciling", total=None)
        wiring = Wiring(settings, overrides=Overrides(database=Wiring(settings).platform.bulk_database))
        stage = Stage(
            wiring,
            margin=timedelta(seconds=options.margin_seconds),
            overdue=timedelta(seconds=options.overdue_seconds),
            advance=lambda rows: shown.advance(task, rows),
        )
        return reconcile(stage)


def _print(stage: str, findings: list[Finding], left: dict[str, int]) -> None:
    for finding in findings:
        facts = f"{_verdict(finding):9}{finding.invariant:8}{finding.checked:>10} rows"
        print(f"{facts}  {finding.promise}{_because(finding)}")
        for violation in finding.violations[:SHOWN]:
            print(f"{'':9}{violation.subject}: {violation.detail}")
        if finding.violated > SHOWN:
            print(f"{'':9}and {finding.violated - SHOWN} more")
        if repaired := finding.violated - left[finding.invariant]:
            print(f"{'':9}repaired: {repaired}")
    total, unrepaired = sum(finding.violated for finding in findings), sum(left.values())
    print(f"Stage {stage}: {total} violations, {total - unrepaired} repaired.", flush=True)


def _because(finding: Finding) -> str:
    return f" ({finding.skipped})" if finding.skipped else ""


def _verdict(finding: Finding) -> str:
    if finding.skipped:
        return "skipped"
    return "violated" if finding.violated else "ok"


def _print_json(stage: str, findings: list[Finding], left: dict[str, int]) -> None:
    rows = [
        {
            "invariant": finding.invariant,
            "promise": finding.promise,
            "checked": finding.checked,
            "violated": finding.violated,
            "repaired": finding.violated - left[finding.invariant],
            "skipped": finding.skipped,
            "violations": [
                {"subject": violation.subject, "detail": violation.detail}
                for violation in finding.violations[:SHOWN]
            ],
        }
        for finding in findings
    ]
    print(json.dumps({"stage": stage, "violations": sum(left.values()), "invariants": rows}))


if __name__ == "__main__":
    sys.exit(main())
