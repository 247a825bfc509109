"""Who may do what, to whose things: the whole matrix, checked in and walked.

`SOUK_WRITE_MATRIX=1 pytest tests/security/test_access_matrix.py` writes the matrix anew; its diff is what to review.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from moto import mock_aws

from chalicelib.core import clock as clocks
from chalicelib.http import limits
from chalicelib.store import client, lockouts, timers
from chalicelib.store.client import table_name
from infra.local.template import create_table
from tests.conftest import MORNING, make_bucket
from tests.moto_once import one_copy_a_transaction
from tests.security import walking
from tests.security.belongings import GLOBAL, SHARED, Things, of_person, of_the_shop
from tests.security.walking import EVERY, NOTHING, WHO, Wrote, attempt, outcome, reach
from tests.shop import Shop, configured
from tests.unchanged import nothing_changes

WRITE = os.environ.get("SOUK_WRITE_MATRIX") == "1"


@dataclass
class Walk:
    """What came of every request."""

    cells: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    writes: dict[str, Wrote] = field(default_factory=dict)
    """The first write of each route that somebody who may came to."""


@pytest.fixture(scope="module")
def walk() -> Iterator[Walk]:
    """One table for the whole walk: it leaves everything as it was."""
    with (
        pytest.MonkeyPatch.context() as patch,
        mock_aws(),
        one_copy_a_transaction(),
        # inside another test's moto this one is the same: its table must have a name of its own
        configured(SOUK_TABLE="souk-walk"),
        clocks.use(clocks.SetClock(MORNING)) as clock,
    ):
        patch.setattr(timers, "threads", 1)
        # limits have tests of their own; here one person asks two thousand times
        patch.setattr(limits, "check_caller", lambda *_: None)
        patch.setattr(lockouts, "count_try", lambda *_: None)
        client.forget()
        create_table(client.client(), table_name())
        make_bucket()
        assert isinstance(clock, clocks.SetClock)
        shop = Shop.open(clock)
        yield _walked(shop)
    client.forget()


def _walked(shop: Shop) -> Walk:
    lin, mei, eve = shop.customer("Lin"), shop.customer("Mei"), walking.outsider()
    common = of_the_shop(shop)
    hers, theirs = of_person(shop, lin, common), of_person(shop, mei, common)
    walk = Walk()
    for role in WHO:
        as_role = None if role in ("visitor", "customer") else role
        inside = "" if role == "visitor" else walking.with_role(lin, "default", as_role)
        outside = "" if role == "visitor" else walking.with_role(eve, "other", as_role)
        with nothing_changes():
            for name in EVERY:
                walk.cells[name][role] = _cell(walk, name, role, (inside, outside), (hers, theirs))
    return walk


def _cell(walk: Walk, name: str, role: str, tokens: tuple[str, str], things: tuple[Things, Things]) -> str:
    op, (inside, outside), (hers, theirs) = EVERY[name], tokens, things
    mine = theirs if op.permission.kind == "staff" else hers
    status, wrote = attempt(op, mine, inside)
    if wrote is not None:
        walk.writes.setdefault(name, wrote)
    cell = [outcome(status), NOTHING, NOTHING]
    # who has no right there must be refused by what the write meets, where nothing refuses before
    writes = cell[0] == "ok" and op.permission.kind in ("customer", "staff")
    if walking.has_other(op, SHARED):
        cell[1] = outcome(reach(op, theirs, inside, writes=writes))
    if walking.has_foreign(op, GLOBAL) and role != "visitor":
        cell[2] = outcome(reach(op, hers, outside, writes=writes))
    return "/".join(cell)


@pytest.mark.rule("B17")
@pytest.mark.ledger("S2-030", "S4-091")
def test_everybody_gets_what_the_matrix_says(walk: Walk) -> None:
    if WRITE:
        walking.write_matrix(walk.cells)
    matrix = walking.read_matrix()
    assert set(matrix) == set(EVERY), "write the matrix anew and read its diff"
    wrong = {
        (name, role): f"{walk.cells[name][role]}, the matrix says {matrix[name][role]}"
        for name in EVERY
        for role in WHO
        if walk.cells[name][role] != matrix[name][role]
    }
    assert not wrong


@pytest.mark.rule("B17")
@pytest.mark.ledger("S2-030")
def test_nobody_reaches_what_is_not_theirs(walk: Walk) -> None:
    reached = {
        (name, role): cell
        for name, by_role in walk.cells.items()
        for role, cell in by_role.items()
        if "ok" in cell.split("/")[1:]
        and EVERY[name].permission.kind not in ("tokenless", "public")
        and name not in OWN_ONLY
    }
    assert not reached


def test_every_door_to_a_thing_opens_for_somebody(walk: Walk) -> None:
    """A refusal of what is another's says nothing where one's own is refused too."""
    shut = {
        name
        for name, by_role in walk.cells.items()
        if EVERY[name].path_params and not any(cell.startswith("ok") for cell in by_role.values())
    }
    assert shut == BY_SIGNATURE


def test_no_customer_and_no_visitor_passes_a_staff_door(walk: Walk) -> None:
    staff = [name for name, op in EVERY.items() if op.permission.kind == "staff"]
    assert {walk.cells[name]["visitor"].split("/")[0] for name in staff} == {"401"}
    assert {walk.cells[name]["customer"].split("/")[0] for name in staff} == {"403"}


@pytest.mark.ledger("S4-184")
def test_every_staff_write_carries_its_entry_of_the_audit_log(walk: Walk) -> None:
    silent = [
        name
        for name, wrote in walk.writes.items()
        if EVERY[name].audited and "audit_entry" not in str(wrote.parameters)
    ]
    assert not silent


def test_the_walk_came_to_the_write_of_nearly_every_staff_act(walk: Walk) -> None:
    """What is listed here is refused for another reason first, and has its entry tested where it lives."""
    unseen = {name for name, op in EVERY.items() if op.audited and name not in walk.writes}
    assert unseen == NOT_SEEN_WRITING


OWN_ONLY = {"DELETE /v1/cart/items/{sku_id}"}
"""Takes a SKU out of the caller's own cart, whoever sells it: there is nothing of another's to reach."""
BY_SIGNATURE = {"POST /v1/webhooks/{provider}"}
"""Opens for who signs what they say, and for nobody by who they are."""
NOT_SEEN_WRITING: set[str] = set()
