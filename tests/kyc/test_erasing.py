"""When an account is closed, what says who the person was goes; who looked at it stays."""

import pytest

from chalicelib.core.context import system
from chalicelib.kyc import service
from chalicelib.store import emit, transaction
from tests.faults import answering
from tests.jobs import every_item, of_kind, stream
from tests.kyc.papers import approved, case, decide, papers, queue, submit
from tests.shop import Person, Shop
from tests.unchanged import nothing_changes

GONE = ("kyc_document", "kyc_stated", "kyc_print")


def close(person: Person) -> None:
    """What the closing of an account announces."""
    with transaction(system("default")) as tx:
        emit(tx, "user.closed", {"user_id": person.id})


@pytest.mark.ledger("S2-015")
@pytest.mark.parametrize("state", ["submitted", "approved", "rejected", "withdrawn"])
def test_a_closed_account_leaves_no_papers_behind(lin: Person, shop: Shop, state: str) -> None:
    submit(lin)
    document_id = lin.get("/v1/me/kyc").json["documents"][0]["id"]
    shop.admin.get(f"/v1/admin/kyc/{lin.id}/documents/{document_id}")
    match state:
        case "approved" | "rejected":
            decide(shop.admin, lin, "approve" if state == "approved" else "reject")
        case "withdrawn":
            lin.post("/v1/me/kyc/withdraw")
        case _:
            pass
    stream()
    close(lin)
    stream()
    assert not [item for item in every_item() if item["kind"]["S"] in GONE]
    (left,) = of_kind("kyc")
    assert left["status"]["S"] == "erased"
    assert not {"stated", "fingerprint", "document_type", "reason", "due_pk", "state_pk"} & set(left)
    assert "ttl" in left
    assert not [step for step in left["log"]["L"] if step["M"]["note"]["S"]]
    assert queue(shop.admin, f"status={state}") == []
    assert shop.admin.get(f"/v1/admin/kyc/{lin.id}").status == 404
    assert len(of_kind("kyc_opening")) == 1
    assert not service.is_verified(system("default"), lin.id)


def test_being_told_twice_changes_nothing(lin: Person, shop: Shop) -> None:
    approved(shop, lin)
    stream()
    close(lin)
    assert stream(times=3) == {"batchItemFailures": []}
    close(lin)
    assert stream() == {"batchItemFailures": []}
    (left,) = of_kind("kyc")
    assert [step["M"]["event"]["S"] for step in left["log"]["L"]] == ["submit", "approve", "erase"]


def test_the_last_token_of_a_closed_account_submits_nothing(lin: Person) -> None:
    close(lin)
    stream()
    with nothing_changes():
        answer = lin.post("/v1/me/kyc", papers())
    assert (answer.status, answer.code) == (409, "kyc_state")


def test_a_race_with_the_customer_is_run_again(lin: Person) -> None:
    submit(lin)
    close(lin)
    reasons = ["None"] * 5 + ["ConditionalCheckFailed"]
    with answering("TransactWriteItems", "TransactionCanceledException", times=1, reasons=reasons):
        stream()
    assert not of_kind("kyc_document")


def test_others_keep_what_is_theirs(lin: Person, shop: Shop) -> None:
    wei = shop.customer("Wei")
    submit(lin), submit(wei)
    close(lin)
    stream()
    assert case(shop.admin, wei)["duplicates"] == 0
    assert len(of_kind("kyc_document")) == 2
    document_id = wei.get("/v1/me/kyc").json["documents"][0]["id"]
    assert shop.admin.get(f"/v1/admin/kyc/{wei.id}/documents/{document_id}").status == 200
