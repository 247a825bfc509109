"""Sessions and accounts under races, on an engine that is atomic under threads."""

from functools import partial

import pytest

from chalicelib.identity import bootstrap
from tests.identity.people import log_in, refresh, register
from tests.jobs import of_kind
from tests.races.parallel import at_once
from tests.shop import Shop

pytestmark = pytest.mark.emulator


@pytest.mark.ledger("S0-018")
def test_of_sixteen_refreshes_with_one_token_one_wins_and_the_session_stands(live_shop: Shop) -> None:
    lin = live_shop.customer()
    answers = at_once([partial(refresh, lin.refresh_token) for _ in range(16)])
    winners = [answer for answer in answers if answer.status == 200]
    assert len(winners) == 1
    assert {answer.code for answer in answers if answer.status == 401} == {"refresh_superseded"}
    assert refresh(winners[0].json["refresh_token"]).status == 200


def test_a_login_registered_by_eight_at_once_has_one_owner(live_shop: Shop) -> None:
    registered = [
        partial(register, email="lin@example.com", username=f"lin{n}", ip=f"198.51.100.{n}") for n in range(8)
    ]
    statuses = sorted(answer.status for answer in at_once(registered))
    assert statuses == [201] + [409] * 7
    bindings = [item["login"]["S"] for item in of_kind("login")]
    assert bindings.count("lin@example.com") == 1
    assert len(bindings) == 3  # the winner's two and the admin's: the losers left nothing


def test_tries_at_once_are_all_counted_from_one_address_and_from_many(live_shop: Shop) -> None:
    email, wrong = live_shop.customer().user["email"], "not the password"
    from_one = [partial(log_in, email, wrong, ip="198.51.100.1")] * 24
    assert sorted(answer.status for answer in at_once(from_one)) == [401] * 10 + [429] * 14
    spread = [partial(log_in, email, wrong, ip=f"198.51.{100 + n // 9}.{n % 9 + 2}") for n in range(110)]
    assert sorted(answer.status for answer in at_once(spread)) == [401] * 90 + [429] * 20


def test_two_first_starts_at_once_make_one_admin(live_table: None) -> None:
    at_once([bootstrap.ensure_first_admin] * 4)
    assert len(of_kind("user")) == len(of_kind("login")) == len(of_kind("tenant")) == 1
