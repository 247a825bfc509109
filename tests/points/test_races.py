"""Several of the staff at the same customer's points, on an engine that is atomic under threads."""

from functools import partial

import pytest

from tests.points.test_points import adjust, points
from tests.races.parallel import at_once
from tests.shop import Shop

pytestmark = pytest.mark.emulator


@pytest.mark.ledger("S4-139")
def test_eight_take_points_at_once_and_none_is_taken_twice(live_shop: Shop) -> None:
    lin, admin = live_shop.customer(), live_shop.admin
    adjust(admin, lin.id, 50)
    statuses = [answer.status for answer in at_once([partial(adjust, admin, lin.id, -10)] * 8)]
    assert sorted(statuses) == [201] * 5 + [409] * 3
    assert points(lin) == {"balance": 0, "earned": 50, "spent": 50}


def test_one_intention_sent_four_times_at_once_counts_once(live_shop: Shop) -> None:
    lin, admin = live_shop.customer(), live_shop.admin
    answers = at_once([partial(adjust, admin, lin.id, 10, key="one-intention")] * 4)
    assert len({answer.text for answer in answers}) == 1
    assert points(lin)["balance"] == 10
