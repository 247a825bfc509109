"""Several people at one moment, on an engine that is atomic under threads."""

from functools import partial

import pytest

from tests.jobs import of_kind
from tests.kyc.papers import PASSPORT, case, decide, papers, staff_member, submit
from tests.races.parallel import at_once
from tests.shop import Shop

pytestmark = pytest.mark.emulator


@pytest.mark.ledger("S2-015")
def test_of_eight_reviewers_at_once_one_decides(live_shop: Shop) -> None:
    lin = live_shop.customer()
    submit(lin)
    one, two = live_shop.admin, staff_member(live_shop, "operations")
    acts = [
        partial(decide, who, lin, act) for act in ("approve", "reject") for who in (one, two) for _ in "ab"
    ]
    answers = at_once(acts)
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7
    timeline = case(one, lin)["timeline"]
    assert len(timeline) == 2
    assert len(of_kind("event")) == 1


@pytest.mark.ledger("S2-015")
def test_of_several_submissions_at_once_one_is_live(live_shop: Shop) -> None:
    lin = live_shop.customer()
    works = [partial(lin.post, "/v1/me/kyc", body) for body in (papers(), PASSPORT) for _ in range(3)]
    answers = at_once(works)
    assert sorted(answer.status for answer in answers) == [201] + [409] * 5
    cards = lin.get("/v1/me/kyc").json["documents"]
    assert {item["document_id"]["S"] for item in of_kind("kyc_document")} == {card["id"] for card in cards}
    assert (len(of_kind("kyc_stated")), len(of_kind("kyc_print"))) == (1, 1)


def test_taking_back_and_approving_race_and_one_wins(live_shop: Shop) -> None:
    lin, admin = live_shop.customer(), live_shop.admin
    submit(lin)
    back, approved = at_once(
        [lambda: lin.post("/v1/me/kyc/withdraw").status, lambda: decide(admin, lin, "approve").status]
    )
    assert sorted([back, approved]) == [200, 409]
    assert len(of_kind("kyc_document")) == (0 if back == 200 else 2)
