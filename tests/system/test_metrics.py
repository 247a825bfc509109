"""What is measured: for CloudWatch in the lines, for Prometheus at one address, under one list of names."""

import re
from typing import Any

import pytest

from chalicelib.core import exposition, log, measured, process
from chalicelib.core.metric_names import ALL, BY_NAME, UnknownMetric, of_line
from tests.jobs import stream, tick
from tests.lines import logged
from tests.payments.test_paying import attempt, pay
from tests.shop import Shop, send

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\\\|\\"|\\n)*",?)+)\})? (-?[0-9.e+-]+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"')
Row = tuple[dict[str, str], float]


class Family:
    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.samples: list[tuple[str, dict[str, str], float]] = []

    def rows(self, name: str) -> list[Row]:
        return [(labels, value) for found, labels, value in self.samples if found == name]


def parsed(text: str) -> dict[str, Family]:
    """The families of an exposition, read as strictly as the format says: HELP, TYPE, then its samples together."""
    assert text.endswith("\n")
    families: dict[str, Family] = {}
    name, kind = "", ""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            assert name not in families, f"{name} is told in two places"
            said = next(lines).split(" ")
            assert said[:3] == ["#", "TYPE", name], f"{name} has no type"
            kind = said[3]
            families[name] = Family(kind)
            continue
        found = SAMPLE.fullmatch(line)
        assert found, line
        endings = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        assert found[1] in {name + ending for ending in endings}, line
        families[name].samples.append((found[1], dict(LABEL.findall(found[2] or "")), float(found[3])))
    return families


def scraped(shop: Shop) -> dict[str, Family]:
    answer = shop.admin.get("/v1/metrics")
    assert (answer.status, answer.headers["content-type"]) == (200, exposition.CONTENT_TYPE)
    return parsed(answer.text)


@pytest.mark.ledger("S1-064")
def test_one_address_tells_what_this_process_measured_in_a_form_prometheus_reads(shop: Shop) -> None:
    lin = shop.customer()
    for _ in range(3):
        lin.get("/v1/me")
    families = scraped(shop)
    asked = {"operation": "identity_me", "status": "2xx"}
    assert (asked, 3) in families["http_requests_total"].rows("http_requests_total")
    took = families["http_request_duration_seconds"]
    assert (took.kind, families["http_requests_total"].kind) == ("histogram", "counter")
    buckets = [
        (labels["le"], value)
        for labels, value in took.rows("http_request_duration_seconds_bucket")
        if labels.items() >= asked.items()
    ]
    counts = [value for _, value in buckets]
    assert counts == sorted(counts)
    assert (buckets[-1][0], counts[-1]) == ("+Inf", 3)
    assert [le for le, _ in buckets[:4]] == ["0.005", "0.01", "0.025", "0.05"]
    assert (asked, 3) in took.rows("http_request_duration_seconds_count")


def test_who_may_not_look_is_told_nothing(shop: Shop) -> None:
    lin = shop.customer()
    assert send("GET", "/v1/metrics").status == 401
    assert lin.get("/v1/metrics").status == 403
    assert "http_requests" not in lin.get("/v1/metrics").text


@pytest.mark.ledger("S2-051")
def test_requests_store_calls_caches_and_memory_are_measured(shop: Shop) -> None:
    lin = shop.customer()
    with logged() as lines:
        shop.clock.advance(minutes=1)
        for _ in range(4):
            lin.get("/v1/me")
    families = scraped(shop)
    assert {
        "http_request_duration_seconds",
        "database_connections_active",
        "cache_hit_ratio",
        "memory_usage_bytes",
    } <= families.keys()
    ((_, memory),) = families["memory_usage_bytes"].rows("memory_usage_bytes")
    assert 20 * 2**20 < memory < 20 * 2**30
    assert families["database_connections_active"].rows("database_connections_active") == [({}, 0)]
    ratios = {labels["cache"]: value for labels, value in families["cache_hit_ratio"].rows("cache_hit_ratio")}
    assert {"tenants", "sessions"} <= ratios.keys()
    assert all(0 < ratio < 1 for ratio in ratios.values())
    (told,) = lines.metrics("memory_usage_bytes")
    assert told["store_calls_in_flight"] >= 1
    assert {line["cache"] for line in lines.metrics("cache_hit_ratio")} == ratios.keys()
    assert len(lines.metrics("request_duration_ms")) == 4


def test_a_process_tells_of_itself_once_a_minute_at_most(shop: Shop) -> None:
    lin = shop.customer()
    shop.clock.advance(minutes=1)
    with logged() as lines:
        for seconds in (0, 59, 1):
            shop.clock.advance(seconds=seconds)
            lin.get("/v1/me")
    assert len(lines.metrics("memory_usage_bytes")) == 2


def test_calls_under_way_are_counted_and_none_is_left_over_after_a_failure() -> None:
    process.forget()
    with process.store_call(), process.store_call():
        assert process.in_flight() == 2
    with pytest.raises(KeyError), process.store_call():
        raise KeyError
    assert process.in_flight() == 0


def test_each_registration_counts_once_and_a_refused_one_never(shop: Shop) -> None:
    with logged() as lines:
        shop.customer()
        body = {"email": "customer1@example.com", "password": "correct horse battery"}
        assert send("POST", "/v1/auth/register", body).status == 409
    assert [line["way"] for line in lines.metrics("user_registrations_total")] == ["register"]


def test_each_payment_attempt_counts_once_however_often_it_is_told(shop: Shop) -> None:
    lin = shop.customer()
    paid, failed = (shop.order(lin, shop.sku())["id"] for _ in range(2))
    with logged() as lines:
        pay(lin, paid)
        stream(times=3)
        payment_id = attempt(lin, failed)
        for _ in range(2):
            send("POST", f"/v1/sandbox/payments/{payment_id}/fail", {"times": 2})
        tick()
    assert len(lines.metrics("payments_succeeded")) == len(lines.metrics("payment_failures")) == 1
    rates = [line["payment_success_rate"] for line in lines.metrics("payment_success_rate")]
    assert sorted(rates) == [0, 100]
    (_, rate) = scraped(shop)["payment_success_rate"].rows("payment_success_rate")[0]
    assert rate == 0.5


def test_a_session_that_is_ended_tells_how_long_it_stood(shop: Shop) -> None:
    lin = shop.customer()
    shop.clock.advance(minutes=7)
    with logged() as lines:
        for _ in range(2):
            send("POST", "/v1/auth/logout", {"refresh_token": lin.refresh_token})
            shop.clock.advance(seconds=1)
    assert [line["session_duration_average"] for line in lines.metrics("session_duration_average")] == [420]


def test_the_dispatch_job_tells_how_many_events_wait(shop: Shop) -> None:
    lin = shop.customer()
    pay(lin, shop.order(lin, shop.sku())["id"])
    shop.clock.advance(minutes=1)
    with logged() as lines:
        tick()
        tick()
    backlog = [line["outbox_backlog"] for line in lines.metrics("outbox_backlog")]
    assert backlog[0] > 0
    assert backlog[-1] == 0


def test_a_line_says_its_unit_and_every_set_it_is_kept_by() -> None:
    with logged() as lines:
        log.metrics({"provider": "post"}, payment_failures=1, payment_success_rate=0)
    (line,) = lines.read()
    (told,) = line["_aws"]["CloudWatchMetrics"]
    assert told["Namespace"] == "Souk"
    assert told["Dimensions"] == [["provider"], []]
    assert told["Metrics"] == [
        {"Name": "payment_failures", "Unit": "Count"},
        {"Name": "payment_success_rate", "Unit": "Percent"},
    ]


@pytest.mark.parametrize(
    ("dimensions", "names"),
    [
        ({}, ["nobody_knows"]),
        ({"user_id": "usr_1"}, ["requests"]),
        ({"operation": "x"}, ["requests"]),
        ({}, ["outbox_backlog", "store_calls_in_flight", "job_failed"]),
    ],
)
def test_what_no_alarm_would_find_is_refused(dimensions: dict[str, str], names: list[str]) -> None:
    with pytest.raises(UnknownMetric):
        of_line(dimensions, names)
    with pytest.raises(UnknownMetric):
        log.metrics(dimensions, **dict.fromkeys(names, 1))


def test_labels_are_escaped(clock: Any) -> None:
    log.metrics({"event": 'a "quoted"\\\nname'}, dead_letters=1)
    rows = parsed(exposition.text())["dead_letters_total"].rows("dead_letters_total")
    assert rows == [({"event": 'a \\"quoted\\"\\\\\\nname'}, 1)]


def test_names_and_units_are_well_formed() -> None:
    assert len(BY_NAME) == len(ALL)
    assert len({metric.exposed for metric in ALL}) == len(ALL)
    for metric in ALL:
        assert re.fullmatch(r"[a-z][a-z_]*[a-z]", metric.name)
        assert (metric.kind == "distribution") == bool(metric.bounds)
        assert metric.bounds == tuple(sorted(metric.bounds))
        assert metric.unit == "Milliseconds" or not metric.name.endswith("_ms")
        assert all(set(one) <= set(metric.dimensions) for one in metric.kept_by)


def test_what_was_measured_is_copied_and_not_lent(clock: Any) -> None:
    log.metrics({"provider": "post"}, breaker_opened=1)
    measured.series()["breaker_opened"].clear()
    assert measured.series()["breaker_opened"]
