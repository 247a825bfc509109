"""One customer, several devices at the same moment, on an engine that is atomic under threads."""

from functools import partial

import pytest

from tests.addresses.writing import add, book, defaults
from tests.races.parallel import at_once
from tests.shop import Shop

pytestmark = pytest.mark.emulator


@pytest.mark.ledger("S1-008")
def test_eight_first_addresses_at_once_are_all_kept_and_one_is_the_default(live_shop: Shop) -> None:
    lin = live_shop.customer()
    made = at_once([partial(add, lin, is_default=n % 2 == 0) for n in range(8)])
    assert sorted(made) == sorted(address["id"] for address in book(lin))
    assert len(defaults(lin)) == 1


@pytest.mark.ledger("S1-008")
def test_deleting_the_default_while_another_is_named_leaves_one(live_shop: Shop) -> None:
    lin = live_shop.customer()
    first, second, third = add(lin), add(lin), add(lin)
    deleted, named = at_once(
        [
            lambda: lin.delete(f"/v1/me/addresses/{first}").status,
            lambda: lin.put(f"/v1/me/addresses/{second}/default").status,
        ]
    )
    assert (deleted, named) == (204, 200)
    assert defaults(lin) == [second]
    assert [address["id"] for address in book(lin)] == [third, second]
