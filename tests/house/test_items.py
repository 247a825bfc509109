"""Items and their keys: declared, documented, asked for."""

import inspect
from collections import defaultdict

import pytest

from chalicelib.store import Item
from chalicelib.store.keys import Key
from infra.tools import access_patterns
from infra.tools.access_patterns import Pattern

PATTERNS = access_patterns.patterns()
NOT_LISTED_YET = {"Refund.in_state"}
"""Index entries that wait for the staff list they are for. Whoever adds the list takes them off here."""
ITEMS = sorted({one.item for one in PATTERNS}, key=lambda item: item.__name__)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.__name__)
def test_an_item_says_what_it_is_for(item: type[Item]) -> None:
    assert len(item.__doc__ or "") > 15
    assert item.__doc__ != Item.__doc__


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.__name__)
def test_an_item_declares_every_field_of_its_keys(item: type[Item]) -> None:
    declared = set(item.get_attributes()) | {
        name for name, _ in inspect.getmembers(item, lambda one: isinstance(one, property))
    }
    for one in (key for key in vars(item).values() if isinstance(key, Key)):
        assert one.fields() <= declared


def test_item_names_and_kinds_are_unique() -> None:
    names = [item.__name__ for item in ITEMS]
    kinds = [item.item_kind.get_discriminator(item) for item in ITEMS]
    assert len(set(names)) == len(names)
    assert len(set(kinds)) == len(kinds)


def test_no_two_items_share_an_address() -> None:
    """Two templates of one index with one shape could overwrite each other."""
    taken: dict[tuple[str, str, str], set[type[Item]]] = defaultdict(set)
    for one in PATTERNS:
        if one.key.index == "table":
            taken[one.key.index, _shape(one.key.pk), _shape(one.key.sk)].add(one.item)
    clashes = {shape: items for shape, items in taken.items() if len(items) > 1}
    assert not clashes


def _shape(template: str) -> str:
    return "#".join("*" if part.startswith("{") else part for part in template.split("#"))


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda one: f"{one.item.__name__}.{one.attribute}")
def test_every_key_stands_on_the_page_of_access_patterns(pattern: Pattern) -> None:
    page = access_patterns.PATH.read_text(encoding="utf-8")
    assert f"| {pattern.key.what} | {pattern.owner} |" in page


def test_every_index_entry_is_read_by_some_list() -> None:
    """An entry that nobody lists costs a write each time its item changes."""
    entries = [one for one in PATTERNS if one.key.index != "table"]
    assert all(one.key in one.item.indexes for one in entries), "declared, and never written"
    unread = {
        f"{one.item.__name__}.{one.attribute}"
        for one in entries
        if "a page" not in access_patterns.ways_of(one)
    }
    assert unread == NOT_LISTED_YET


def test_every_timer_is_swept() -> None:
    """A timer that no job sweeps never goes off."""
    from chalicelib.inventory import service as inventory
    from chalicelib.media.entities import UPLOAD_CLEANUP
    from chalicelib.orders import states
    from chalicelib.store import outbox

    set_somewhere = {
        inventory.TIMER,
        states.ORDER_TIMEOUT,
        states.AUTO_CONFIRM,
        states.ORDER_STUCK,
        outbox.TIMER,
        UPLOAD_CLEANUP,
    }
    assert set_somewhere <= set(access_patterns.timers())
