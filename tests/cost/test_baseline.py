"""No act of the shop comes to cost more without anybody saying so."""

import copy
from pathlib import Path
from typing import Any

import pytest

from app import app
from infra.cost import baseline
from infra.cost.baseline import Acts, differences, explained, stale, unexplained, units_of
from infra.cost.measuring import UNMEASURED, measured
from infra.local.emulator import Emulator
from infra.local.schedules import jobs_of

pytestmark = pytest.mark.emulator
CHANGELOG = (
    "# Changelog\n\n## [0.2.0] - unreleased\n\n{}\n\n## [0.1.0] - 2026-01-01\n\n- Costs more: `GET /v1/me`.\n"
)


@pytest.fixture(scope="module")
def acts(emulator: Emulator) -> Acts:
    """Measured once for all of these tests."""
    return measured(emulator.endpoint, "souk-cost-test")


def test_nothing_takes_more_than_at_the_last_release_unless_the_changelog_says_so(acts: Acts) -> None:
    known = baseline.read()
    grown = unexplained(acts, known.released, baseline.CHANGELOG.read_text(encoding="utf-8"))
    assert not grown, baseline.told_how(grown)


def test_the_file_says_what_is_measured(acts: Acts) -> None:
    odd = stale(acts, baseline.read())
    assert not odd, "run `make cost ARGS=--write-baseline` and commit docs/costs.json:\n" + "\n".join(odd)


def test_every_operation_and_every_job_is_measured(acts: Acts) -> None:
    walked = {name.partition(",")[0] for name in acts}
    every = {f"{op.method} {op.path}" for op in app.operations} | {job.name for job in jobs_of(app)}
    missing = every - walked - set(UNMEASURED)
    assert missing == set(), "take each along in infra/cost/story_customer.py or story_staff.py"
    assert set(UNMEASURED) <= every - walked, "an excuse outlives its reason"


def planted(acts: Acts, name: str, **more: float) -> Acts:
    grown = copy.deepcopy(acts)
    for unit, by in more.items():
        setattr(grown[name], unit, getattr(grown[name], unit) * (1 + by))
    return grown


@pytest.mark.parametrize("unit", ["calls", "rru", "wru", "answer_bytes", "log_bytes"])
def test_a_planted_growth_is_found_and_a_line_in_the_changelog_owns_up_to_it(acts: Acts, unit: str) -> None:
    name = "POST /v1/orders"
    released = {one: units_of(act) for one, act in acts.items()}
    growth: dict[str, Any] = {unit: 0.5}
    grown = planted(acts, name, **growth)
    assert [(one.name, one.unit) for one in unexplained(grown, released, CHANGELOG.format(""))] == [
        (name, unit)
    ]
    owned = CHANGELOG.format(f"- Costs more: `{name}`, for what it does now.")
    assert unexplained(grown, released, owned) == []
    assert stale(grown, baseline.renewed(acts, None)) != []


def test_what_grew_by_a_tenth_or_shrank_is_no_growth(acts: Acts) -> None:
    name = "POST /v1/orders"
    released = {one: units_of(act) for one, act in acts.items()}
    for by in (0.09, -0.5):
        assert unexplained(planted(acts, name, wru=by), released, CHANGELOG.format("")) == []


def test_small_steps_add_up_until_the_next_release(acts: Acts) -> None:
    name = "POST /v1/orders"
    known = baseline.renewed(acts, None)
    for _ in range(3):
        acts = planted(acts, name, wru=0.06)
        known = baseline.renewed(acts, known)
    assert [one.name for one in unexplained(acts, known.released, "")] == [name]
    assert unexplained(acts, baseline.renewed(acts, known, release=True).released, "") == []


def test_a_line_of_the_file_changes_only_with_its_act(acts: Acts) -> None:
    known = baseline.renewed(acts, None)
    slower = planted(planted(acts, "GET /v1/me", cpu_ms=0.4), "POST /v1/orders", wru=0.5)
    now = baseline.renewed(slower, known).text().splitlines()
    changed = [line for line, before in zip(now, known.text().splitlines(), strict=True) if line != before]
    assert [line.strip().partition(":")[0] for line in changed] == ['"POST /v1/orders"']


def test_only_the_unreleased_part_of_the_changelog_explains() -> None:
    lines = "- Costs more: `POST /v1/orders` and\n  `order_timeout`.\n- Cheaper: `GET /v1/cart`."
    assert explained(CHANGELOG.format(lines)) == {"POST /v1/orders", "order_timeout"}


def test_a_unit_from_nothing_is_a_growth() -> None:
    was = {"x": dict.fromkeys(baseline.LEAST, 0.0)}
    now = {"x": {**was["x"], "wru": 1.0}}
    assert [one.unit for one in differences(was, now)] == ["wru"]


def test_the_file_is_read_as_it_was_written(acts: Acts, tmp_path: Path) -> None:
    known = baseline.renewed(acts, None)
    path = tmp_path / "costs.json"
    path.write_text(known.text(), encoding="utf-8")
    again = baseline.read(path)
    assert stale(acts, again) == []
    assert again.released == known.released
    assert again.text() == known.text()
