"""Staff list, look, open, decide; what is private stays so."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest

from chalicelib.store import get_many
from tests.faults import Killed, killed_at
from tests.jobs import every_item, of_kind
from tests.kyc.papers import (
    JPEG,
    PASSPORT,
    PLAIN,
    PNG,
    approved,
    case,
    decide,
    messages,
    papers,
    queue,
    staff_member,
    status,
    submit,
)
from tests.shop import Answer, Person, Shop, send
from tests.stories.test_ownership import in_another_tenant
from tests.unchanged import nothing_changes, store_calls


def opened(reviewer: Person, customer: Person, place: int = 0) -> Answer:
    document_id = customer.get("/v1/me/kyc").json["documents"][place]["id"]
    return reviewer.get(f"/v1/admin/kyc/{customer.id}/documents/{document_id}")


@pytest.mark.ledger("S2-015")
def test_an_approval_is_told_and_lasts_as_long_as_the_document(lin: Person, shop: Shop) -> None:
    submit(lin)
    shop.clock.advance(minutes=5)
    answer = decide(shop.admin, lin, "approve", body={"expires_at": "2040-01-01T00:00:00Z"})
    assert (answer.status, answer.json["status"]) == (200, "approved")
    assert answer.json["reviewed_by"] == shop.admin.id
    mine = lin.get("/v1/me/kyc").json
    assert (mine["status"], mine["decided_at"]) == ("approved", "2036-03-02T01:05:00.000Z")
    assert mine["expires_at"] == "2040-01-01T00:00:00.000Z"
    assert "reviewed_by" not in mine
    assert messages(shop, lin) == [
        ("Your identity is verified", "The verification is good until 2040-01-01.")
    ]


@pytest.mark.ledger("S2-015")
def test_a_rejection_says_why_in_both_languages(lin: Person, shop: Shop) -> None:
    submit(lin)
    assert decide(shop.admin, lin, "reject", body={"reason": "反光 {看不清}"}).json["status"] == "rejected"
    assert lin.get("/v1/me/kyc").json["reason"] == "反光 {看不清}"
    assert messages(shop, lin, "zh-CN") == [("您的实名认证未通过", "您可以重新提交。原因：反光 {看不清}")]
    assert messages(shop, lin)[0][0] == "Your identity could not be verified"


def test_without_a_date_an_approval_lasts_five_years(lin: Person, shop: Shop) -> None:
    assert approved(shop, lin)["expires_at"] == "2041-03-01T01:00:00.000Z"


@pytest.mark.parametrize(
    "expires_at",
    ["2036-03-02T01:00:00Z", "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "2040-01-01T00:00:00"],
)
def test_an_expiry_lies_ahead_and_has_a_zone(lin: Person, shop: Shop, expires_at: str) -> None:
    submit(lin)
    with nothing_changes():
        answer = decide(shop.admin, lin, "approve", body={"expires_at": expires_at})
    assert [error["field"] for error in answer.json["errors"]] == ["expires_at"]


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}])
def test_a_rejection_needs_a_reason(lin: Person, shop: Shop, body: dict[str, Any]) -> None:
    submit(lin)
    with nothing_changes():
        answer = decide(shop.admin, lin, "reject", body=body)
    assert [error["field"] for error in answer.json["errors"]] == ["reason"]


@pytest.mark.ledger("S2-015")
@pytest.mark.parametrize("act", ["approve", "reject"])
@pytest.mark.parametrize("before", ["approve", "reject", "withdraw"])
def test_what_is_decided_or_taken_back_is_not_decided_again(
    lin: Person, shop: Shop, before: str, act: str
) -> None:
    submit(lin)
    if before == "withdraw":
        lin.post("/v1/me/kyc/withdraw")
    else:
        decide(shop.admin, lin, before)
    with nothing_changes():
        answer = decide(shop.admin, lin, act)
    assert (answer.status, answer.code) == (409, "kyc_state")


def test_what_was_never_submitted_is_not_there(lin: Person, shop: Shop) -> None:
    with nothing_changes():
        answers = [
            decide(shop.admin, lin, "approve"),
            decide(shop.admin, lin, "reject"),
            shop.admin.get(f"/v1/admin/kyc/{lin.id}"),
            shop.admin.get(f"/v1/admin/kyc/{lin.id}/documents/kdc_01KJ0000000000000000000000"),
        ]
    assert {answer.status for answer in answers} == {404}


def test_nobody_is_their_own_judge(shop: Shop) -> None:
    submit(shop.admin)
    with nothing_changes():
        answers = [decide(shop.admin, shop.admin, act) for act in ("approve", "reject")]
    assert [(answer.status, answer.code) for answer in answers] == [(403, "kyc_own")] * 2
    operations = staff_member(shop, "operations")
    assert decide(operations, shop.admin, "approve").status == 200


def test_other_papers_than_those_looked_at_are_not_approved_unseen(lin: Person, shop: Shop) -> None:
    submit(lin)
    tag = shop.admin.get(f"/v1/admin/kyc/{lin.id}").headers["etag"]
    lin.post("/v1/me/kyc/withdraw")
    lin.post("/v1/me/kyc", PASSPORT)
    with nothing_changes():
        answer = decide(shop.admin, lin, "approve", headers={"if-match": tag})
    assert (answer.status, answer.code) == (412, "version_conflict")
    tag = shop.admin.get(f"/v1/admin/kyc/{lin.id}").headers["etag"]
    assert decide(shop.admin, lin, "approve", headers={"if-match": tag}).status == 200


def test_one_key_is_one_decision(lin: Person, shop: Shop) -> None:
    submit(lin)
    first = decide(shop.admin, lin, "approve", key="once")
    with nothing_changes():
        again = decide(shop.admin, lin, "approve", key="once")
    assert (again.status, again.text) == (200, first.text)
    assert len(messages(shop, lin)) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", [1, 2])
def test_a_killed_decision_is_made_with_its_message_or_not_at_all(
    lin: Person, shop: Shop, call: int, after: bool
) -> None:
    submit(lin)
    shop.admin.get("/v1/admin/kyc")
    with killed_at(call, after=after), suppress(Killed):
        decide(shop.admin, lin, "approve", key="k")
    assert (status(lin) == "approved") == (len(of_kind("event")) == 1)
    assert decide(shop.admin, lin, "approve", key="k").status == 200
    assert len(of_kind("event")) == 1


@pytest.mark.ledger("S2-015")
def test_those_who_wait_longest_are_listed_first_page_by_page(shop: Shop) -> None:
    waiting = []
    for _ in range(3):
        waiting.append(shop.customer())
        submit(waiting[-1])
        shop.clock.advance(minutes=1)
    first = shop.admin.get("/v1/admin/kyc?limit=2").json
    rest = shop.admin.get(f"/v1/admin/kyc?limit=2&cursor={first['next_cursor']}").json
    assert [row["user_id"] for row in first["data"] + rest["data"]] == [one.id for one in waiting]
    assert rest["next_cursor"] is None
    for one in waiting:
        decide(shop.admin, one, "approve")
        shop.clock.advance(minutes=1)
    assert queue(shop.admin) == []
    assert [row["user_id"] for row in queue(shop.admin, "status=approved")] == [
        one.id for one in reversed(waiting)
    ]


@pytest.mark.parametrize("asked", ["none", "erased", "lost"])
def test_only_states_that_stay_are_listed(shop: Shop, asked: str) -> None:
    assert shop.admin.get(f"/v1/admin/kyc?status={asked}").status == 422


def test_the_same_document_on_two_accounts_is_shown_to_staff_and_refused_to_nobody(
    lin: Person, shop: Shop
) -> None:
    wei = shop.customer("Wei")
    submit(lin)
    assert case(shop.admin, lin)["duplicates"] == 0
    submit(wei)
    assert (case(shop.admin, lin)["duplicates"], case(shop.admin, wei)["duplicates"]) == (1, 1)
    decide(shop.admin, wei, "reject")
    wei.post("/v1/me/kyc", PASSPORT)
    assert (case(shop.admin, lin)["duplicates"], case(shop.admin, wei)["duplicates"]) == (0, 0)
    lin.post("/v1/me/kyc/withdraw")
    assert case(shop.admin, lin)["duplicates"] == 0


@pytest.mark.ledger("S2-015")
def test_an_image_is_opened_byte_for_byte_and_who_opened_it_is_on_record(lin: Person, shop: Shop) -> None:
    submit(lin)
    operations = staff_member(shop, "operations")
    for place, (content, kind) in enumerate([(JPEG, "image/jpeg"), (PNG, "image/png")]):
        answer = opened(operations, lin, place)
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
        assert base64.b64decode(answer.json["content"]) == content
        assert (answer.json["content_type"], answer.json["size_bytes"]) == (kind, len(content))
        assert tuple(answer.json["stated"].values()) == ("林一", "11010519491231002X", "1949-12-31")
        shop.clock.advance(seconds=1)
    openings = case(shop.admin, lin)["openings"]
    assert [(one["staff_id"], one["from_ip"]) for one in openings] == [(operations.id, "203.0.113.7")] * 2
    assert [one["document_id"] for one in openings] == [
        one["id"] for one in reversed(lin.get("/v1/me/kyc").json["documents"])
    ]


@pytest.mark.ledger("S2-015")
def test_nothing_is_shown_that_was_not_recorded_first(lin: Person, shop: Shop) -> None:
    submit(lin)
    document_id = lin.get("/v1/me/kyc").json["documents"][0]["id"]
    shop.admin.get("/v1/admin/kyc")
    with store_calls() as calls:
        shop.admin.get(f"/v1/admin/kyc/{lin.id}/documents/{document_id}")
    assert calls == ["BatchGetItem", "TransactWriteItems"]
    with killed_at(2, after=False), pytest.raises(Killed):
        shop.admin.get(f"/v1/admin/kyc/{lin.id}/documents/{document_id}")
    assert len(of_kind("kyc_opening")) == 1


def test_what_was_taken_back_while_it_was_being_opened_is_not_shown(
    lin: Person, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(lin)

    def read_and_be_overtaken(refs: Any) -> Any:
        found = get_many(refs)
        lin.post("/v1/me/kyc/withdraw")
        return found

    monkeypatch.setattr("chalicelib.kyc.reviewing.get_many", read_and_be_overtaken)
    assert opened(shop.admin, lin).status == 404
    assert not of_kind("kyc_opening")


def holds_plain(thing: Any) -> bool:
    text = json.dumps(thing, ensure_ascii=False, default=repr)
    images = [base64.b64encode(content).decode()[:40] for content in (JPEG, PNG)]
    return any(plain in text for plain in (*PLAIN, *images, "face face", "back back"))


@pytest.mark.ledger("S2-015")
def test_nothing_lies_in_the_table_in_plain_and_no_closed_answer_holds_it(lin: Person, shop: Shop) -> None:
    answer = lin.post("/v1/me/kyc", papers(), key="k")
    decide(shop.admin, lin, "approve")
    messages(shop, lin)
    assert not [item for item in every_item() if holds_plain(item)]
    assert not holds_plain(answer.json)
    assert not holds_plain([queue(shop.admin, "status=approved"), case(shop.admin, lin)])
    assert holds_plain(opened(shop.admin, lin).json)


def test_what_is_sealed_opens_at_its_own_address_only(lin: Person, shop: Shop) -> None:
    from chalicelib.store import client
    from chalicelib.store.client import table_name

    wei = shop.customer("Wei")
    submit(lin), submit(wei)
    mine, other = of_kind("kyc_document")[:2]
    client.client().put_item(TableName=table_name(), Item={**mine, "sealed": other["sealed"]})
    answer = shop.admin.get(f"/v1/admin/kyc/{mine['user_id']['S']}/documents/{mine['document_id']['S']}")
    assert (answer.status, answer.code) == (500, "internal")


ROUTES = [
    ("GET", "", "kyc:read"),
    ("GET", "/{user_id}", "kyc:read"),
    ("GET", "/{user_id}/documents/{document_id}", "kyc:review"),
    ("POST", "/{user_id}/approve", "kyc:review"),
    ("POST", "/{user_id}/reject", "kyc:review"),
]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("shop_owner", {"kyc:read", "kyc:review"}),
        ("operations", {"kyc:read", "kyc:review"}),
        ("finance", {"kyc:read"}),
        ("support", set()),
        ("warehouse", set()),
    ],
)
@pytest.mark.ledger("S2-015")
def test_a_role_may_what_it_is_for(lin: Person, shop: Shop, role: str, may: set[str]) -> None:
    documents = submit(lin)["documents"]
    member = staff_member(shop, role)
    for method, path, permission in ROUTES:
        url = "/v1/admin/kyc" + path.format(user_id=lin.id, document_id=documents[0]["id"])
        answer = send(method, url, {"reason": "no"} if method == "POST" else None, token=member.token)
        assert (answer.status == 403) == (permission not in may), (method, path, answer.text)


@pytest.mark.rule("B17")
@pytest.mark.parametrize(("method", "path", "permission"), ROUTES[1:])
def test_another_shops_staff_and_customers_find_nothing(
    lin: Person, shop: Shop, method: str, path: str, permission: str
) -> None:
    documents = submit(lin)["documents"]
    url = "/v1/admin/kyc" + path.format(user_id=lin.id, document_id=documents[0]["id"])
    _, _, boss = in_another_tenant(shop)
    wei = shop.customer("Wei")
    with nothing_changes():
        elsewhere = send(method, url, {"reason": "no"} if method == "POST" else None, token=boss)
        customers = [send(method, url, {"reason": "no"}, token=one.token) for one in (lin, wei)]
    assert (elsewhere.status, elsewhere.code) == (404, "not_found")
    assert {answer.status for answer in customers} == {403}
    assert permission


@pytest.mark.rule("B17")
def test_one_customers_image_is_not_found_under_anothers_name(lin: Person, shop: Shop) -> None:
    wei = shop.customer("Wei")
    submit(wei)
    document_id = submit(lin)["documents"][0]["id"]
    with nothing_changes():
        assert shop.admin.get(f"/v1/admin/kyc/{wei.id}/documents/{document_id}").status == 404


def test_what_staff_reading_costs(lin: Person, shop: Shop) -> None:
    submit(lin)
    queue(shop.admin)
    with store_calls() as calls:
        queue(shop.admin)
    assert calls == ["Query"]
    with store_calls() as calls:
        case(shop.admin, lin)
    assert calls == ["GetItem", "Query", "Query"]
    with store_calls() as calls:
        decide(shop.admin, lin, "approve")
    assert calls == ["GetItem", "TransactWriteItems"]
