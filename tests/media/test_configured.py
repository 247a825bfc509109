"""What a shop's storage is set to is what its uploads obey."""

import pytest

from tests.media.sending import PNG, announce, uploaded
from tests.shop import Answer, Shop
from tests.unchanged import nothing_changes

OWN = "/v1/admin/settings/parameters"
PLATFORM = "/v1/platform/tenants/default/parameters"


def put(shop: Shop, url: str, value: object) -> Answer:
    answer = shop.admin.put(url, {"value": value})
    assert answer.status == 200, answer.text
    return answer


@pytest.mark.ledger("S4-191", "S4-046")
def test_how_large_a_file_may_be_is_the_shops_to_say(shop: Shop) -> None:
    lin = shop.customer()
    put(shop, f"{OWN}/storage.max_file_bytes", len(PNG) - 1)
    with nothing_changes():
        assert announce(lin).status == 422
    put(shop, f"{OWN}/storage.max_file_bytes", len(PNG))
    assert announce(lin).status == 201


@pytest.mark.ledger("S4-191", "S4-046")
def test_what_a_file_may_be_is_the_shops_to_say(shop: Shop) -> None:
    lin = shop.customer()
    put(shop, f"{OWN}/storage.allowed_types", ["image/jpeg"])
    with nothing_changes():
        assert announce(lin).status == 422


@pytest.mark.ledger("S4-191")
def test_how_much_room_a_shop_has_is_the_platforms_to_say(shop: Shop) -> None:
    put(shop, f"{PLATFORM}/storage.quota_bytes", len(PNG))
    uploaded(shop.admin, "product_image")
    refused = announce(shop.admin, "product_image")
    assert (refused.status, refused.json["code"]) == (409, "storage_full")
    assert shop.admin.get("/v1/admin/uploads/space").json["quota_bytes"] == len(PNG)


@pytest.mark.ledger("S4-191")
def test_public_files_are_shown_below_the_shops_own_address(shop: Shop) -> None:
    put(shop, f"{PLATFORM}/storage.public_base_url", "https://files.example.com/souk")
    shown = uploaded(shop.customer())
    assert shown["url"].startswith("https://files.example.com/souk/public/default/")
