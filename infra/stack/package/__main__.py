"""Build what is deployed of a stage: one archive for all functions, and the CloudFormation template.

The same sources, pins and interpreter give the same bytes. Nothing is written outside the output folder.
"""

import argparse
import hashlib
import sys
from pathlib import Path

from chalicelib.platform.settings import LOCAL_STAGE
from infra.commands import fail
from infra.stack.package.application import CODE
from infra.stack.package.build import TEMPLATE, build
from infra.stack.package.errors import NotPackaged
from infra.stack.package.target import ARCHITECTURES, ARM64, machine_architecture, target_of


def main() -> int:
    """Build; the exit status is 1 when the package could not be built, 2 when the options are wrong."""
    options = _options()
    out = options.out or Path(".cache") / "package" / options.stage
    try:
        architecture = options.architecture or default_architecture(options.stage)
        target = target_of(options.python, architecture)
        print(f"Packaging stage {options.stage} for {target.runtime} on {architecture}:", flush=True)
        build(options.stage, out, target, lambda step: print(f"  {step}", flush=True))
    except NotPackaged as error:
        return fail(f"Not packaged: {error}")
    archive = (out / CODE).read_bytes()
    print(
        f"Packaged {out / CODE} ({len(archive) / 1e6:.1f} MB, SHA-256 {hashlib.sha256(archive).hexdigest()})"
        f" and {out / TEMPLATE}.",
        flush=True,
    )
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.stack.package", description=__doc__)
    parser.add_argument("--stage", default=LOCAL_STAGE, help="the stage; local if not given")
    parser.add_argument("--out", type=Path, help="the folder it goes to; .cache/package/STAGE if not given")
    parser.add_argument(
        "--architecture",
        choices=ARCHITECTURES,
        help="the processor; this machine's for stage local, arm64 for all others",
    )
    parser.add_argument(
        "--python",
        default=sys.executable,
        metavar="PROGRAM",
        help="the interpreter whose version the functions run on, e.g. python3.13; this one if not given",
    )
    return parser.parse_args()


def default_architecture(stage: str) -> str:
    """Return the processor for a stage: this machine's for a local cloud, and on AWS the cheaper arm64.

    Raises:
        NotPackaged: Lambda does not have this machine's processor.
    """
    return machine_architecture() if stage == LOCAL_STAGE else ARM64


if __name__ == "__main__":
    sys.exit(main())
