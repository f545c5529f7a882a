"""The commands of the operators' page, run with a stand-in for AWS's own command."""

import json
import re
import subprocess
from pathlib import Path

from chalicelib.platform.signing_keys import SigningKeys

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
OLD = "o" * 64
# Knows one secret, and keeps every version that is put there.
AWS = """
aws() {
    case "$*" in
        *describe-stacks*) echo arn ;;
        *get-secret-value*) cat secret ;;
        *put-secret-value*) while [ "$1" != --secret-string ]; do shift; done; echo "$2" >> versions ;;
    esac
}
"""


def test_rotating_the_key_logs_nobody_out_and_ends_with_the_new_one_alone(tmp_path: Path):
    section = re.search(r"## Rotate.*?\n(.*?)\n## ", PAGE.read_text(), re.DOTALL)[1]
    commands = "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))
    (tmp_path / "secret").write_text(json.dumps({"first": OLD}))

    script = f"set -e\n{AWS}\n{commands}"
    subprocess.run(["bash", "-c", script], cwd=tmp_path, check=True, timeout=30)

    versions = [SigningKeys.parse_object(line) for line in (tmp_path / "versions").read_text().splitlines()]
    both, front, alone = versions
    new_id, new = front.signing
    assert both.signing == ("first", OLD.encode())
    assert both.get(new_id) == new != OLD.encode()
    assert front.get("first") == OLD.encode()
    assert alone.signing == (new_id, new)
    assert alone.get("first") is None
