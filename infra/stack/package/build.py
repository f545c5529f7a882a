"""The package of one stage: `deployment.zip` and `template.yaml`, the same bytes from the same sources."""

import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from infra.stack.package.application import CODE, as_yaml, fit, package_application
from infra.stack.package.archive import write_archive
from infra.stack.package.dependencies import install, trim_models
from infra.stack.package.programs import run
from infra.stack.package.target import Target
from infra.stack.template import merged

PROJECT = Path(__file__).parents[3]
TEMPLATE = "template.yaml"
COMPILE_SECONDS = 300
# Where Lambda unpacks the code; tracebacks then name files as they are called there.
LAMBDA_ROOT = "/var/task"


def build(stage: str, out: Path, target: Target, say: Callable[[str], None]) -> None:
    """Build the package of a stage.

    Args:
        stage: one that `.chalice/config.json` knows.
        out: the folder for `deployment.zip` and `template.yaml`; made if it is missing.
        target: the runtime it is for.
        say: called with each step.

    Raises:
        NotPackaged: there is no such stage, or a step failed.
    """
    with tempfile.TemporaryDirectory(prefix="stockroom-package-") as folder:
        workspace = Path(folder)
        say("the template and the code ...")
        ours = workspace / "ours.yaml"
        ours.write_text(as_yaml(merged(stage)))
        template, code = package_application(PROJECT, stage, ours, workspace)
        fit(template, target)
        say(f"the libraries, as wheels for {target.platform} ...")
        bundle = workspace / "bundle"
        install(PROJECT / "requirements.txt", target, bundle)
        trim_models(bundle)
        with zipfile.ZipFile(code) as archive:
            archive.extractall(bundle)
        say("the bytecode ...")
        compile_bytecode(bundle, target)
        say("the archive ...")
        out.mkdir(parents=True, exist_ok=True)
        write_archive(bundle, out / CODE)
    (out / TEMPLATE).write_text(as_yaml(template))


def compile_bytecode(folder: Path, target: Target) -> None:
    """Compile all modules of a folder for the target's Python.

    A function's folder is read-only, so that Python there would compile every module anew in each cold
    start, which is half of its time. Python never checks this bytecode against its source: both are in the
    same archive, and the times of files, which it would compare, would make the bytes differ from build to
    build.
    """
    command = [
        target.python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash",
        "-s", str(folder), "-p", LAMBDA_ROOT, str(folder),
    ]  # fmt: skip
    run(f"{target.python} -m compileall", command, COMPILE_SECONDS, os.environ | {"PYTHONHASHSEED": "0"})
