import json
import logging
import re

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


@pytest.mark.usefixtures("_root")
def test_for_people_a_request_is_one_short_line(capsys: pytest.CaptureFixture):
    log.configure("INFO", "text")
    logging.getLogger("shop").info("%s %s %d", "POST", "/orders", 201, extra={"milliseconds": 4.1})

    assert re.fullmatch(r"\d\d:\d\d:\d\d POST /orders 201 4\.1 ms\n", capsys.readouterr().out)


@pytest.mark.usefixtures("_root")
def test_for_people_a_warning_says_that_it_is_one(capsys: pytest.CaptureFixture):
    log.configure("INFO", "text")
    logging.getLogger("shop").warning("Redis is down")

    assert re.fullmatch(r"\S+ WARNING Redis is down\n", capsys.readouterr().out)


@pytest.mark.usefixtures("_root")
def test_for_people_a_trace_stands_indented_below_its_line(capsys: pytest.CaptureFixture):
    log.configure("INFO", "text")
    try:
        raise ValueError("why\n12:00:00 forged\x1b[2J")
    except ValueError:
        logging.getLogger("shop").exception("failed")

    first, *trace = capsys.readouterr().out.splitlines()
    assert first.endswith(" ERROR failed")
    assert trace[-2:] == ["  ValueError: why", "  12:00:00 forged\\x1b[2J"]


@pytest.mark.usefixtures("_root")
@pytest.mark.parametrize("forged", ["\n", "\r", "\x1b[2J", "\x85", "\u2028"])
def test_for_people_nobody_forges_a_line(forged: str, capsys: pytest.CaptureFixture):
    log.configure("INFO", "text")
    logging.getLogger("shop").info("before%s12:00:00 forged: naïve", forged)

    (line,) = capsys.readouterr().out.splitlines()
    assert line.isprintable()
    assert line.endswith("12:00:00 forged: naïve")
