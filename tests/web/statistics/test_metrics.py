"""Counters and histograms for Prometheus: from the ledger, quick, and whatever is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from reelqueue.jobs.model import Outcome, Status, now
from reelqueue.jobs.priorities import QUEUE_NAMES, Priority
from reelqueue.services import Services
from reelqueue.storage import Store
from reelqueue.upkeep.observer import Observer
from reelqueue.upkeep.statistics.usage import measure_usage
from tests.conftest import find_free_port
from tests.upkeep.test_fold import make_outcome
from tests.upkeep.test_recovery import accept, make_record
from tests.web.conftest import OpenSite, Site

Samples = dict[tuple[str, ...], float]


def scrape(site: Site) -> Samples:
    """Return all values by the name of the metric and the values of its labels."""
    response = site.open_client().get("/metrics")
    assert response.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def observe(services: Services) -> None:
    assert Observer(services).step()


@contextmanager
def delayed(seconds: float, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make each request to the storage take longer."""

    def delay(original: Any) -> Any:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            time.sleep(seconds)
            return original(*arguments, **options)

        return wrapped

    with monkeypatch.context() as patch:
        for name in ("list", "read", "find", "write", "create", "delete"):
            patch.setattr(Store, name, delay(getattr(Store, name)))
        yield


def test_counters_begin_at_zero_and_have_all_kinds(site: Site) -> None:
    samples = scrape(site)
    assert samples["reelqueue_jobs_accepted_total", "slideshow"] == 0
    assert samples["reelqueue_jobs_ended_total", "clip", "canceled"] == 0
    assert samples["reelqueue_job_render_seconds_count", "analysis"] == 0
    assert samples["reelqueue_webhook_deliveries_total", "delivered"] == 0


def test_jobs_are_counted_and_measured(any_site: Site) -> None:
    services = any_site.services
    for job_id in ("a", "b", "c"):
        make_record(services, job_id)
    services.ledger.end("a", 1, make_outcome(seconds=4))
    services.ledger.end("b", 1, Outcome(status=Status.FAILED, ended_at=now(), attempts=4))
    observe(services)
    samples = scrape(any_site)
    assert samples["reelqueue_jobs_accepted_total", "slideshow"] == 3
    assert samples["reelqueue_jobs_ended_total", "slideshow", "finished"] == 1
    assert samples["reelqueue_jobs_ended_total", "slideshow", "failed"] == 1
    assert samples["reelqueue_job_retries_total", "slideshow"] == 3
    assert samples["reelqueue_job_recoveries_total", "slideshow"] == 0
    assert samples["reelqueue_job_render_seconds_sum", "slideshow"] == 4
    buckets = {
        labels[2]: value
        for labels, value in samples.items()
        if labels[:2] == ("reelqueue_job_speed_ratio_bucket", "slideshow")
    }
    assert (buckets["2.0"], buckets["4.0"], buckets["+Inf"]) == (0, 1, 1)


def test_waiting_time_is_told_by_queue(any_site: Site) -> None:
    services = any_site.services
    make_record(services, "a", Priority.HIGH)
    make_record(services, "b", Priority.LOW)
    services.ledger.end("a", 1, make_outcome())
    with time_machine.travel(now() + timedelta(minutes=30)):
        services.ledger.end("b", 1, make_outcome())
        observe(services)
        samples = scrape(any_site)

    def count(queue: str, bound: str) -> float:
        return samples["reelqueue_job_waiting_seconds_bucket", "slideshow", bound, queue]

    assert [count(queue, "1200.0") for queue in QUEUE_NAMES] == [1, 0, 0]
    assert [count(queue, "+Inf") for queue in QUEUE_NAMES] == [1, 0, 1]


def test_counters_outlive_redis_and_all_processes(
    open_site: OpenSite, queue_site: Site, redis_url: str
) -> None:
    make_record(queue_site.services, "a")
    queue_site.services.ledger.end("a", 1, make_outcome())
    observe(queue_site.services)
    before = {key: value for key, value in scrape(queue_site).items() if "_job" in key[0]}
    with Redis.from_url(redis_url) as connection:
        connection.flushall()
    later = open_site(REDIS_URL=redis_url)
    observe(later.services)
    lonely = open_site(REDIS_URL=f"redis://127.0.0.1:{find_free_port()}/0")
    for site in (later, lonely):
        after = scrape(site)
        assert {key: after.get(key) for key in before if "total" in key[0]} == {
            key: value for key, value in before.items() if "total" in key[0]
        }
    assert scrape(lonely)["reelqueue_queue_up", "redis"] == 0


def test_age_of_the_oldest_job_is_told_by_queue(queue_site: Site) -> None:
    services = queue_site.services
    for job_id in ("a", "b"):
        accept(services, job_id)
    observe(services)
    with time_machine.travel(now() + timedelta(minutes=10)):
        samples = scrape(queue_site)
    assert samples["reelqueue_queue_jobs", "default"] == 2
    assert samples["reelqueue_queue_oldest_seconds", "default"] == pytest.approx(600, abs=30)
    assert samples["reelqueue_queue_oldest_seconds", "high"] == 0


def test_use_of_the_storage_is_told(site: Site) -> None:
    site.services.store.write("sessions/me/s/uploads/m/original.jpg", bytes(1000))
    measure_usage(site.services.store)
    samples = scrape(site)
    assert samples["reelqueue_storage_bytes", "uploads"] == 1000
    assert 0 < samples["reelqueue_storage_free_bytes",] < samples["reelqueue_storage_size_bytes",]


def test_scrape_is_quick_while_many_jobs_wait_and_the_bucket_is_slow(
    queue_site: Site, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of requests that follow each other decides, so this holds on a busy machine."""
    with Redis.from_url(redis_url) as connection:
        connection.rpush("rq:queue:default", *(f"job-{number}" for number in range(5000)))
    for number in range(200):
        make_record(queue_site.services, f"job-{number}")
    observe(queue_site.services)
    scrape(queue_site)
    with delayed(0.3, monkeypatch):
        begun = time.monotonic()
        samples = scrape(queue_site)
        seconds = time.monotonic() - begun
    assert samples["reelqueue_queue_jobs", "default"] == 5000
    assert samples["reelqueue_jobs_accepted_total", "slideshow"] == 200
    assert seconds < 0.6


def test_storage_that_does_not_answer_costs_a_scrape_its_newest_counts_only(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_record(site.services, "a")
    observe(site.services)
    scrape(site)
    with delayed(1.5, monkeypatch):
        samples = scrape(site)
    assert samples["reelqueue_jobs_accepted_total", "slideshow"] == 1


def test_overview_of_a_process_that_was_held_up_sets_no_counter_back(site: Site) -> None:
    make_record(site.services, "a")
    observe(site.services)
    stale = site.services.store.read("statistics/overview")
    make_record(site.services, "b")
    observe(site.services)
    assert scrape(site)["reelqueue_jobs_accepted_total", "slideshow"] == 2
    assert stale
    site.services.store.write("statistics/overview", stale)
    assert scrape(site)["reelqueue_jobs_accepted_total", "slideshow"] == 2
