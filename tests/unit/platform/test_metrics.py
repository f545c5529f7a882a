"""Metrics, as CloudWatch reads them from the log."""

import json
import time

import pytest

from chalicelib.platform import metrics
from chalicelib.platform.settings import settings


def test_a_count_is_one_bare_json_line_in_the_embedded_metric_format(capsys: pytest.CaptureFixture[str]):
    metrics.count("LimiterDegraded")

    output = capsys.readouterr().out
    assert output.count("\n") == 1
    line = json.loads(output)
    assert line["LimiterDegraded"] == 1
    assert line["Stage"] == "local"
    assert line["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "Stockroom",
            "Dimensions": [["Stage"]],
            "Metrics": [{"Name": "LimiterDegraded", "Unit": "Count"}],
        }
    ]
    assert abs(line["_aws"]["Timestamp"] / 1000 - time.time()) < 60


def test_several_can_be_counted_at_once(capsys: pytest.CaptureFixture[str]):
    metrics.count("OrdersRequeued", 7)

    assert json.loads(capsys.readouterr().out)["OrdersRequeued"] == 7


def test_how_much_there_is_has_a_unit(capsys: pytest.CaptureFixture[str]):
    metrics.measure("SearchSnapshotAge", 12.5, "Seconds")

    line = json.loads(capsys.readouterr().out)
    assert line["SearchSnapshotAge"] == 12.5
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Metrics"] == [{"Name": "SearchSnapshotAge", "Unit": "Seconds"}]


def test_people_who_read_the_log_are_shown_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LOG_FORMAT", "text")
    settings.cache_clear()
    try:
        metrics.count("LimiterDegraded")
    finally:
        settings.cache_clear()

    assert capsys.readouterr().out == ""
