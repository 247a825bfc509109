"""Another's id in a body or in a query: it is answered as an id that nobody has. The walk over ids in paths is
test_access_matrix."""

import pytest

from tests.http.described import ULID
from tests.jobs import every_item
from tests.media.sending import uploaded
from tests.security.naming import (
    Naming,
    Things,
    every_naming,
    of_op,
    rival,
    thing_named,
    things_of,
    told,
)
from tests.shop import Shop

NOT_YET: set[Naming] = {
    ("orders_place_order", "body", "coupon_ids"),
    ("orders_quote_order", "body", "coupon_ids"),
}
"""There is nothing yet that these could name."""
PERSONAL = frozenset({"address_id", "upload_id"})
"""What a customer names of their own; the rest is the shop's, and any customer of it may name it."""
NAMINGS = sorted(every_naming() - NOT_YET)


@pytest.fixture
def mine(shop: Shop) -> Things:
    """What Lin's shop has, and Lin."""
    return things_of(shop, shop.customer("Lin"), "default")


def nobodys(some_id: str) -> str:
    return f"{some_id.partition('_')[0]}_{ULID[:-2]}" + ("01" if some_id.startswith("sku_") else "00")


def items_of(slug: str) -> list[str]:
    counted = ("rate", "bucket", "lockout", "sign_in", "idempotency")
    return sorted(
        str(item)
        for item in every_item()
        if item["pk"]["S"].startswith(f"{slug}#") and item["kind"]["S"] not in counted
    )


@pytest.mark.rule("B17")
@pytest.mark.ledger("S2-030")
def test_what_another_shop_has_is_as_if_nobody_had_it(shop: Shop, mine: Things) -> None:
    """The last request, for one's own, is answered otherwise: so it is the id that was refused, and nothing else."""
    there, eve = rival(shop)
    hers = things_of(there, eve, "rival")
    before = items_of("default")
    known, blind = set(), set()
    for naming in NAMINGS:
        person = there.admin if of_op(naming[0]).permission.kind == "staff" else eve
        stranger = thing_named(naming, mine)
        nothing = told(naming, hers, person, nobodys(stranger))
        if told(naming, hers, person, stranger) != nothing:
            known.add(naming)
        if told(naming, hers, person, thing_named(naming, hers)) == nothing:
            blind.add(naming)
    assert (known, blind) == (set(), NOTHING_COMES_OF_IT)
    assert items_of("default") == before


@pytest.mark.rule("B17")
def test_what_another_customer_has_is_as_if_nobody_had_it(shop: Shop, mine: Things) -> None:
    mei = shop.customer("Mei")
    hers = {**mine, "address_id": shop.address(mei), "user_id": mei.id, "upload_id": uploaded(mei)["id"]}
    namings = [naming for naming in NAMINGS if naming[2] in PERSONAL]
    assert namings
    for naming in namings:
        answers = [told(naming, hers, mei, one) for one in (nobodys(mine[naming[2]]), mine[naming[2]])]
        assert answers[0] == answers[1], naming
        assert answers[0] != told(naming, hers, mei, hers[naming[2]]), naming


NOTHING_COMES_OF_IT: set[Naming] = {("members_create_segment", "body", "adviser_id")}
"""One's own or nobody's, the answer is the same: a filter by somebody who is not there finds nobody."""
