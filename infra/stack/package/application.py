"""Running `chalice package`: it makes the template, and an archive of the code with Chalice's runtime."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from chalicelib.platform.settings import Settings
from infra.stack.package.errors import NotPackaged
from infra.stack.package.programs import run
from infra.stack.package.target import Target

CHALICE_SECONDS = 120
CODE = "deployment.zip"

_FUNCTION = "AWS::Serverless::Function"


def stages(project: Path) -> list[str]:
    """Return the names of the stages that Chalice is configured for."""
    return sorted(json.loads((project / ".chalice" / "config.json").read_text())["stages"])


def package_application(
    project: Path, stage: str, merge_template: Path, workspace: Path
) -> tuple[dict[str, Any], Path]:
    """Run `chalice package` on a copy of the sources, so that it leaves nothing among them.

    The copy has no requirements: Chalice then adds the application and its own runtime alone.

    Args:
        project: the folder of `app.py`.
        stage: one of `stages`.
        merge_template: the CloudFormation template that is merged into Chalice's.
        workspace: an empty folder to work in.

    Returns:
        The merged template, and the archive of the code.

    Raises:
        NotPackaged: there is no such stage, or Chalice failed.
    """
    if stage not in (known := stages(project)):
        raise NotPackaged(f"there is no stage {stage} in .chalice/config.json, only {', '.join(known)}")
    copy, out = workspace / "sources", workspace / "packaged"
    unwanted = shutil.ignore_patterns("__pycache__", "deployments", "deployed")
    for name in (".chalice", "chalicelib"):
        shutil.copytree(project / name, copy / name, ignore=unwanted)
    shutil.copy(project / "app.py", copy)
    (copy / "requirements.txt").touch()
    command = [
        sys.executable, "-c", "from chalice.cli import main; raise SystemExit(main())",
        "--project-dir", str(copy), "package", "--stage", stage,
        "--template-format", "yaml", "--merge-template", str(merge_template), str(out),
    ]  # fmt: skip
    run("chalice package", command, CHALICE_SECONDS, _environment())
    return yaml.safe_load((out / "sam.yaml").read_text()), out / CODE


def _environment() -> dict[str, str]:
    """Return this environment without the product's settings: the stage's configuration alone counts."""
    settings = {field.upper() for field in Settings.__struct_fields__}
    kept = {name: value for name, value in os.environ.items() if name not in settings}
    return {"AWS_DEFAULT_REGION": "us-east-1"} | kept | {"PYTHONDONTWRITEBYTECODE": "1"}


def fit(template: dict[str, Any], target: Target) -> None:
    """Make every function of a template run the package's code on the target.

    Chalice names the runtime of the interpreter that it runs on, which need not be the target's.
    """
    for resource in template["Resources"].values():
        if resource["Type"] == _FUNCTION:
            resource["Properties"] |= {
                "CodeUri": f"./{CODE}",
                "Runtime": target.runtime,
                "Architectures": [target.architecture],
            }


def as_yaml(template: dict[str, Any]) -> str:
    """Return a template as the text of a file; CloudFormation reads YAML, but no aliases in it."""
    return yaml.dump(template, Dumper=_NoAliases, sort_keys=True, width=110)


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True
