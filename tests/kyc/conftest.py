"""Who the stories are about."""

import pytest

from tests.shop import Person, Shop


@pytest.fixture
def lin(shop: Shop) -> Person:
    """A customer, in a shop whose admin has signed in."""
    assert shop.admin
    return shop.customer("Lin")
