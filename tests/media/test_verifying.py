"""`make verify` holds the books of bytes against the files."""

import pytest

from chalicelib.media.entities import usage_ref
from chalicelib.store import client
from infra.verify.books import read
from infra.verify.checks import space_adds_up
from tests.jobs import every_item
from tests.media.sending import announce, uploaded
from tests.shop import Shop


@pytest.fixture
def lived(shop: Shop) -> Shop:
    """Files of every fate."""
    lin = shop.customer()
    uploaded(lin)
    announce(lin)
    uploaded(shop.admin, "product_image")
    lin.delete(f"/v1/uploads/{uploaded(lin, 'kyc_document')['id']}")
    return shop


def found() -> list[str]:
    return [f"{finding.rule} {finding.what}" for finding in space_adds_up(read(every_item()))]


@pytest.mark.ledger("S0-026")
def test_books_that_agree_with_the_files_pass(lived: Shop) -> None:
    assert found() == []


@pytest.mark.parametrize("book", ["shop", "kind:avatar", "kind:kyc_document"])
@pytest.mark.parametrize("name", ["used_bytes", "reserved_bytes", "files"])
def test_a_count_that_is_off_by_one_is_found(lived: Shop, book: str, name: str) -> None:
    client.client().update_item(
        TableName=client.table_name(),
        Key=usage_ref("default", book).wire(),
        UpdateExpression="ADD #n :one",
        ExpressionAttributeNames={"#n": name},
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    (finding,) = found()
    assert finding.startswith(f"files {book}: ")


def test_files_without_a_book_are_found(lived: Shop) -> None:
    client.client().delete_item(
        TableName=client.table_name(), Key=usage_ref("default", "kind:product_image").wire()
    )
    (finding,) = found()
    assert finding.endswith("is counted in no book kind:product_image")
