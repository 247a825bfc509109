"""The house stands as docs/architecture.md draws it: read from every import, also those inside functions."""

import ast
from collections.abc import Iterable
from typing import Any

import pytest

from infra.tools import architecture, code
from infra.tools.architecture import FLOORS, is_domain

DOMAINS = 3
APP = 4
LEAVES = {
    "chalice": {"app", "http"},
    "boto3": {"store"},
    "botocore": {
        "store",
        "chalicelib.media.storage",
        "chalicelib.notifications.channels.mail_ses",
        "chalicelib.notifications.channels.sms_sns",
    },
    "pynamodb": {"store"},
    "stripe": {"payments"},
    "jwt": {"identity"},
    "argon2": {"identity"},
    "cryptography": {"core", "payments"},
    "urllib3": {"core"},
}
"""Third parties that have one home, or two: a room, or one adapter by its name."""
DOMAINS_MAY_TAKE = {"pynamodb.expressions.condition"}
"""A type for what `when=` takes: conditions are made from attributes and never spelled out."""
OWN_TIME = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
OWN_CHANCE = {"random", "secrets", "uuid"}


def floor_of(module: str) -> int:
    room = code.room_of(module)
    return APP if module == "app" else FLOORS.get(room, DOMAINS if room else 0)


def home_of(module: code.Module) -> str:
    return module.room or module.name


def listed(faults: Iterable[Any]) -> str:
    return "\n".join(str(one) for one in faults)


def test_no_floor_imports_a_higher_one() -> None:
    upward = [one for one in code.imports() if one.room and floor_of(one.module) > floor_of(one.by.name) > 0]
    assert not upward, listed(upward)


def test_the_two_rooms_of_floor_two_do_not_know_each_other() -> None:
    across = [one for one in code.imports() if {one.by.room, one.room} == {"store", "http"}]
    assert not across, listed(across)


def test_nothing_that_ships_imports_what_is_around_it() -> None:
    outward = [one for one in code.imports() if one.module.split(".")[0] in ("infra", "tests")]
    assert not outward, listed(outward)


@pytest.mark.parametrize("library", LEAVES)
def test_a_third_party_has_one_home(library: str) -> None:
    strays = [
        one
        for one in code.imports()
        if one.module.split(".")[0] == library
        and not {home_of(one.by), one.by.name} & LEAVES[library]
        and not (is_domain(one.by.room) and one.module in DOMAINS_MAY_TAKE)
    ]
    assert not strays, listed(strays)


def test_domains_import_each_other_along_drawn_arrows_only() -> None:
    real, drawn = architecture.real(), architecture.drawn()
    missing = {pair: sorted(chapters - drawn.get(pair, frozenset())) for pair, chapters in real.items()}
    missing = {pair: chapters for pair, chapters in missing.items() if chapters}
    assert not missing, f"draw these in docs/architecture.md, with the reason, or do without them: {missing}"


def test_every_drawn_arrow_is_there() -> None:
    real, drawn = architecture.real(), architecture.drawn()
    stale = {pair: sorted(chapters - real.get(pair, frozenset())) for pair, chapters in drawn.items()}
    stale = {pair: chapters for pair, chapters in stale.items() if chapters}
    assert not stale, f"nothing imports these any more; take them off docs/architecture.md: {stale}"


def test_there_is_no_circle_of_domains() -> None:
    assert not architecture.circle(architecture.real())


def test_routes_jobs_and_private_names_are_nobody_elses() -> None:
    taken = [
        one
        for one in code.imports()
        if is_domain(one.by.room)
        and is_domain(one.room)
        and one.by.room != one.room
        and (one.chapter in ("routes", "jobs") or one.name.startswith("_"))
    ]
    assert not taken, listed(taken)


def test_only_core_asks_the_system_for_time_and_chance() -> None:
    faults = [
        f"{module.path}:{node.lineno}: {ast.unparse(node)}"
        for module in code.modules()
        if module.room != "core"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in OWN_TIME
    ]
    faults += [
        str(one) for one in code.imports() if one.by.room != "core" and one.module.split(".")[0] in OWN_CHANCE
    ]
    assert not faults, listed(faults)


def test_domains_do_not_sleep_or_measure() -> None:
    clocks = [one for one in code.imports() if is_domain(one.by.room) and one.module == "time"]
    assert not clocks, listed(clocks)


def test_only_the_store_calls_dynamodb() -> None:
    """An item inherits PynamoDB's own operations, which would go round the meter and the retry budget."""
    faults = [
        f"{module.path}:{call.lineno}: {ast.unparse(call.func)}"
        for module in code.modules()
        if is_domain(module.room)
        for call in code.calls_of(module.tree, "save", "scan", "batch_get", "batch_write", "_make_api_call")
        if isinstance(call.func, ast.Attribute)
    ]
    assert not faults, listed(faults)


RANGES = "chalicelib.store.ranges"
"""Reads the whole table for one tenant of it: for tools alone."""


def test_nothing_that_serves_requests_or_runs_jobs_reads_a_whole_range() -> None:
    takers = [
        one
        for one in code.imports()
        if RANGES in (one.module, f"{one.module}.{one.name}") and one.by.name != RANGES
    ]
    assert not takers, listed(takers)


REWRITING = "chalicelib.store.rewriting"
"""Reads the whole table for the items of some kinds: for migrations alone, which run seldom and in the background."""


def test_only_migrations_rewrite_what_stands() -> None:
    takers = {
        one.by.room
        for one in code.imports()
        if REWRITING in (one.module, f"{one.module}.{one.name}") and one.by.name != REWRITING
    }
    assert takers == {"migrations"}


def test_nothing_scans() -> None:
    """Every list has an access pattern of its own. Exports and `verify` scan, and stand outside this tree; a
    migration is the one exception inside it."""
    faults = [
        f"{module.path}:{node.lineno}"
        for module in code.modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant)
        and node.value == "Scan"
        and module.name not in ("chalicelib.store.meter", RANGES, REWRITING)
    ]
    assert not faults, listed(faults)


def test_every_room_says_what_it_is_for() -> None:
    silent = [
        module.name
        for module in code.modules()
        if module.path.name == "__init__.py" and not ast.get_docstring(module.tree)
    ]
    assert not silent, f"`__init__.py` of a room says in a few lines what it is for: {silent}"


def test_every_module_says_what_it_is_for() -> None:
    silent = [module.name for module in code.modules() if not ast.get_docstring(module.tree)]
    assert not silent
