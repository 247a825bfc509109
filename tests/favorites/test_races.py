"""One customer on several devices at the same moment, on an engine that is atomic under threads."""

from functools import partial

import pytest

from chalicelib.favorites import marks
from tests.races.parallel import at_once
from tests.shop import Shop

pytestmark = pytest.mark.emulator


def test_eight_favorites_at_once_pass_no_cap(live_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "MOST_FAVORITES", 5)
    lin = live_shop.customer()
    products = [live_shop.product()["id"] for _ in range(8)]
    answers = at_once([partial(lin.put, f"/v1/me/favorites/{one}") for one in products])
    assert sorted(answer.status for answer in answers) == [204] * 5 + [409] * 3
    assert len(lin.get("/v1/me/favorites").json["data"]) == 5
