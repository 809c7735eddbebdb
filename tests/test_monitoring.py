"""The dashboard and the alert rules in deploy/ name only metrics and labels that there are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from reelqueue.config import Settings
from reelqueue.jobs.marks.statistics import mark_sent
from reelqueue.upkeep.observer import Observer
from reelqueue.upkeep.statistics.usage import measure_usage
from reelqueue.web.app import create_app
from tests.conftest import ROOT

RULES = ROOT / "deploy" / "prometheus-rules.yaml"
DASHBOARD = ROOT / "deploy" / "grafana-dashboard.json"


def list_panels() -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return panels


def list_queries() -> list[str]:
    """Return the PromQL of the dashboard, and that of the rules."""
    panels = [target["expr"] for panel in list_panels() for target in panel["targets"]]
    rules = re.findall(r"^ +expr: (?!\|)(.+)$", RULES.read_text(), re.MULTILINE)
    blocks = re.findall(r"^ +expr: \|\n((?: {10,}.+\n)+)", RULES.read_text(), re.MULTILINE)
    return [*panels, *rules, *blocks]


@pytest.fixture
def metrics(tmp_path: Path, redis_url: str) -> dict[str, set[str]]:
    """The names of the samples of a scrape, each with those of its labels."""
    settings = {"REDIS_URL": redis_url, "STORAGE_URL": (tmp_path / "data").as_uri()}
    app = create_app(Settings.from_env(settings))
    services = app.extensions["reelqueue"]
    mark_sent(services.store, "delivered", "x-1")
    assert Observer(services).step()
    measure_usage(services.store)
    text = app.test_client().get("/metrics").text
    samples = [
        sample for family in text_string_to_metric_families(text) for sample in family.samples
    ]
    return {sample.name: set(sample.labels) for sample in samples}


def test_every_metric_and_label_of_dashboard_and_rules_exists(
    metrics: dict[str, set[str]],
) -> None:
    queries = list_queries()
    assert len(queries) > 25
    used = set().union(*(re.findall(r"\b\w*reelqueue_\w+", query) for query in queries))
    assert used - set(metrics) == set()
    for query in queries:
        names = re.findall(r"\breelqueue_\w+", query)
        known = set().union(*(metrics[name] for name in names))
        grouped = ",".join(re.findall(r"\bby \(([^)]*)\)", query)).replace(" ", "").split(",")
        matched = re.findall(r"[{,]\s*(\w+)\s*(?:=~|!~|!=|=)", query)
        assert {label for label in (*grouped, *matched) if label} - known == set(), query


def test_legends_of_the_dashboard_name_labels_of_their_query() -> None:
    for panel in list_panels():
        for target in panel["targets"]:
            for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
                assert re.search(rf"\bby \([^)]*\b{label}\b", target["expr"]), target


def test_each_metric_that_counts_jobs_is_on_the_dashboard(metrics: dict[str, set[str]]) -> None:
    shown = " ".join(list_queries())
    families = {re.sub(r"_(total|created|bucket|sum|count)$", "", name) for name in metrics}
    assert {name for name in families if name not in shown} == set()


def test_panels_have_titles_and_places_of_their_own() -> None:
    places = [panel["gridPos"] for panel in list_panels()]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    titles = [panel["title"] for panel in list_panels()]
    assert all(titles)
    assert len({panel["id"] for panel in list_panels()}) == len(titles)


@pytest.mark.process
def test_prometheus_takes_the_rules_and_all_queries(tmp_path: Path) -> None:
    """JSON is YAML, too, so the queries of the dashboard are checked as rules."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is missing: Debian's package prometheus has it")
    queries = [query.replace("$__rate_interval", "5m") for query in list_queries()]
    rules = [{"record": f"query:{place}", "expr": query} for place, query in enumerate(queries)]
    path = tmp_path / "queries.json"
    path.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
    for checked in (RULES, path):
        done = subprocess.run(
            [promtool, "check", "rules", str(checked)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
