"""The tour of the README: its commands, each with the output that is printed below it."""

import re
import subprocess
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
TOUR_SECONDS = 120
MARK = "-- end of an example --"
CHANGING = (
    (re.compile(r'"order_id":"[0-9A-Z]{11}"'), '"order_id":UID'),
    (re.compile(r'"id":\d{12,}'), '"id":ID'),
    (re.compile(r'"uid":"[0-9A-Z]{11}"'), '"uid":UID'),
    (re.compile(r'"request_id":"[^"]+"'), '"request_id":REQUEST'),
    (re.compile(r'"created_at":"20(?:2[6-9]|[3-9]\d)-[^"]+Z"'), '"created_at":NOW'),
)


def tour(url: str, *, with_redis: bool) -> list[tuple[str, str, str]]:
    """Run all commands of the tour in one shell, as a reader does: later ones use what earlier ones kept.

    Args:
        url: where the API is.
        with_redis: whether it has a Redis.

    Returns:
        Each command with the output that the README prints and the one that it had, without what differs
        from run to run.
    """
    examples = _examples()
    assert len(examples) >= 9
    script = f"\necho '{MARK}'\n".join(command for command, _ in examples)
    script = script.replace("http://127.0.0.1:8000", url)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=TOUR_SECONDS)
    outputs = done.stdout.split(MARK)
    assert len(outputs) == len(examples), done.stderr
    absent = "" if with_redis else ',"redis":"ok"'
    return [
        (command, _settled(expected.replace(absent, "")), _settled(output))
        for (command, expected), output in zip(examples, outputs, strict=True)
    ]


def _examples() -> list[tuple[str, str]]:
    blocks = re.findall(r"```console\n(.*?)```", README.read_text(), re.DOTALL)
    examples = []
    for block in blocks:
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = example.partition("\n")
            examples.append((command, output))
    return examples


def _settled(text: str) -> str:
    for pattern, replacement in CHANGING:
        text = pattern.sub(replacement, text)
    return text.replace("\r", "").strip("\n")
