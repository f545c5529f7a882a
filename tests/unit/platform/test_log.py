import json
import logging

import pytest

from chalicelib.platform import log


@pytest.fixture
def _root():
    handlers, level = logging.root.handlers, logging.root.level
    yield
    logging.root.handlers, logging.root.level = handlers, level


@pytest.mark.usefixtures("_root")
def test_a_line_is_one_json_object_with_its_request(capsys: pytest.CaptureFixture):
    log.configure("INFO")
    token = log.request_id.set("r-1")
    logging.getLogger("shop").info("Order #%d\nforged: line", 7)
    log.request_id.reset(token)

    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert entry["message"] == "Order #7\nforged: line"
    assert (entry["level"], entry["logger"], entry["request_id"]) == ("INFO", "shop", "r-1")


@pytest.mark.usefixtures("_root")
def test_a_trace_is_part_of_the_line(capsys: pytest.CaptureFixture):
    log.configure("INFO")
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("shop").exception("failed")

    (line,) = capsys.readouterr().out.splitlines()
    assert "ValueError: why" in json.loads(line)["exc_info"]
