"""A customer submits, takes back, submits again."""

from contextlib import suppress
from typing import Any

import pytest

from tests.faults import Killed, answering, killed_at, losing_answers
from tests.jobs import of_kind
from tests.kyc.papers import JPEG, NUMBER, PASSPORT, approved, case, decide, image, papers, status, submit
from tests.shop import Person, Shop, send
from tests.unchanged import nothing_changes, store_calls


@pytest.mark.ledger("S2-015")
def test_a_submission_is_shown_masked_to_the_one_who_made_it(lin: Person) -> None:
    assert lin.get("/v1/me/kyc").json["status"] == "none"
    made = submit(lin)
    assert made["status"] == "submitted"
    assert made["stated"] == {
        "real_name": "林*",
        "document_number": "11010519******002X",
        "birth_date": "1949-**-**",
    }
    assert [(one["side"], one["content_type"]) for one in made["documents"]] == [
        ("front", "image/jpeg"),
        ("back", "image/png"),
    ]
    assert lin.get("/v1/me/kyc").json == made


def test_a_name_of_several_words_keeps_its_first_letters(lin: Person) -> None:
    assert submit(lin, real_name="Wei-Ming  Lin")["stated"]["real_name"] == "W******* L**"


def test_a_small_x_in_a_number_is_a_large_one(lin: Person) -> None:
    assert submit(lin, document_number=NUMBER.lower())["stated"]["document_number"].endswith("X")


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"document_number": "110105194912310021"}, [("document_number", "check_digit")]),
        ({"birth_date": "1949-12-30"}, [("birth_date", "differs_from_number")]),
        ({**PASSPORT, "birth_date": "2036-03-03"}, [("birth_date", "out_of_range")]),
        ({**PASSPORT, "birth_date": "1890-01-01"}, [("birth_date", "out_of_range")]),
        ({"documents": [image("front")]}, [("documents", "side_missing")]),
        (
            {"document_number": "123456", "documents": [image("front", b"GIF89a"), image("back")]},
            [("documents.0.content", "not_an_image"), ("document_number", "wrong_form")],
        ),
        ({"document_type": "library_card"}, [("document_type", "literal_error")]),
        ({"document_number": "1101 0519"}, [("document_number", "string_pattern_mismatch")]),
        ({"real_name": "林"}, [("real_name", "string_too_short")]),
        ({"real_name": "a\nb"}, [("real_name", "string_pattern_mismatch")]),
        ({"documents": []}, [("documents", "too_short")]),
        ({"documents": [image("front")] * 5}, [("documents", "too_long")]),
        ({"documents": [image("left")]}, [("documents.0.side", "literal_error")]),
        ({"status": "approved"}, [("status", "extra_forbidden")]),
        ({"user_id": "usr_x"}, [("user_id", "extra_forbidden")]),
    ],
)
def test_what_is_wrong_is_told_by_field_and_nothing_is_kept(
    lin: Person, fields: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    with nothing_changes():
        answer = lin.post("/v1/me/kyc", papers(**fields))
    assert answer.status == 422, answer.text
    assert [(error["field"], error["code"]) for error in answer.json["errors"]] == found


def test_what_is_wrong_is_told_in_the_readers_language(lin: Person) -> None:
    body = papers(document_number="110105194912310021")
    answer = lin.post("/v1/me/kyc", body, headers={"accept-language": "zh-CN"})
    assert "校验位" in answer.json["errors"][0]["message"]


def test_four_images_of_full_size_fit_and_a_larger_body_does_not(lin: Person) -> None:
    full = JPEG + b"x" * (200 * 1024 - len(JPEG))
    submit(lin, documents=[image(side, full) for side in ("front", "back", "holder", "other")])
    with nothing_changes():
        answer = lin.post("/v1/me/kyc", papers(documents=[image("front", full * 5)]))
    assert (answer.status, answer.code) == (413, "too_large")


@pytest.mark.ledger("S2-015")
@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_there_is_one_live_submission(lin: Person, shop: Shop, state: str) -> None:
    approved(shop, lin) if state == "approved" else submit(lin)
    with nothing_changes():
        answer = lin.post("/v1/me/kyc", PASSPORT)
    assert (answer.status, answer.code, answer.json["state"]) == (409, "kyc_state", state)


def test_what_is_taken_back_is_gone(lin: Person) -> None:
    submit(lin)
    back = lin.post("/v1/me/kyc/withdraw")
    assert (back.status, back.json["status"]) == (200, "withdrawn")
    assert (back.json["stated"], back.json["documents"], back.json["document_type"]) == (None, [], None)
    assert not [*of_kind("kyc_document"), *of_kind("kyc_stated"), *of_kind("kyc_print")]
    assert submit(lin)["status"] == "submitted"


@pytest.mark.parametrize("state", ["none", "withdrawn", "approved"])
def test_only_what_waits_can_be_taken_back(lin: Person, shop: Shop, state: str) -> None:
    if state == "withdrawn":
        submit(lin)
        lin.post("/v1/me/kyc/withdraw")
    if state == "approved":
        approved(shop, lin)
    with nothing_changes():
        answer = lin.post("/v1/me/kyc/withdraw")
    assert (answer.status, answer.code) == (409, "kyc_state")


@pytest.mark.ledger("S2-015")
def test_after_a_rejection_other_papers_take_the_place_of_the_first(lin: Person, shop: Shop) -> None:
    submit(lin)
    decide(shop.admin, lin, "reject")
    made = lin.post("/v1/me/kyc", PASSPORT).json
    assert (made["status"], made["reason"], made["decided_at"]) == ("submitted", None, None)
    assert len(of_kind("kyc_document")) == len(of_kind("kyc_stated")) == len(of_kind("kyc_print")) == 1
    assert [step["event"] for step in case(shop.admin, lin)["timeline"]] == ["submit", "reject", "submit"]


def test_the_same_papers_may_be_sent_again(lin: Person, shop: Shop) -> None:
    submit(lin)
    decide(shop.admin, lin, "reject")
    submit(lin)
    assert (len(of_kind("kyc_print")), len(of_kind("kyc_document"))) == (1, 2)


@pytest.mark.rule("B8")
def test_one_key_is_one_submission_and_the_same_bytes(lin: Person) -> None:
    first = lin.post("/v1/me/kyc", papers(), key="once")
    with nothing_changes():
        again = lin.post("/v1/me/kyc", papers(), key="once")
        other = lin.post("/v1/me/kyc", PASSPORT, key="once")
    assert (again.status, again.text, again.headers["idempotent-replayed"]) == (201, first.text, "true")
    assert (other.status, other.code) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_killed_submission_is_whole_or_not_there(lin: Person, call: int, after: bool) -> None:
    lin.get("/v1/me/kyc")
    with killed_at(call, after=after), suppress(Killed):
        lin.post("/v1/me/kyc", papers(), key="k")
    kept = len(of_kind("kyc_document")), len(of_kind("kyc_stated")), len(of_kind("kyc"))
    assert kept in ((0, 0, 0), (2, 1, 1))
    assert lin.post("/v1/me/kyc", papers(), key="k").status == 201
    assert (len(of_kind("kyc_document")), status(lin)) == (2, "submitted")


@pytest.mark.parametrize("times", [1, 3])
def test_a_lost_race_is_run_again_and_not_shown(lin: Person, times: int) -> None:
    lost_over_the_case = ["None"] * 4 + ["ConditionalCheckFailed", "None"]
    with answering(
        "TransactWriteItems", "TransactionCanceledException", times=times, reasons=lost_over_the_case
    ) as count:
        submit(lin)
    assert (count.calls, len(of_kind("kyc_document"))) == (times + 1, 2)


def test_a_submission_whose_answer_was_lost_is_made_once(lin: Person) -> None:
    with losing_answers("TransactWriteItems", times=1):
        submit(lin)
    assert (len(of_kind("kyc_document")), len(moves_stored())) == (2, 1)


def moves_stored() -> list[Any]:
    (item,) = of_kind("kyc")
    return list(item["log"]["L"])


def test_too_many_submissions_are_refused_for_a_while(lin: Person, shop: Shop) -> None:
    answers = [lin.post("/v1/me/kyc", {}).status for _ in range(21)]
    assert (answers[:20], answers[20]) == ([422] * 20, 429)
    shop.clock.advance(hours=1)
    submit(lin)


def test_what_it_costs(lin: Person) -> None:
    lin.get("/v1/me/kyc")
    with store_calls() as calls:
        lin.get("/v1/me/kyc")
    assert calls == ["GetItem"]
    with store_calls() as calls:
        submit(lin)
    assert calls == ["UpdateItem", "GetItem", "TransactWriteItems"]  # the first counts the request


def test_a_visitor_has_no_verification() -> None:
    for method, url in (("GET", "/v1/me/kyc"), ("POST", "/v1/me/kyc"), ("POST", "/v1/me/kyc/withdraw")):
        assert send(method, url, {}).status == 401
