"""Message templates: the shop's own words, version by version, and really in the messages that go out."""

from typing import Any

import pytest

from chalicelib.core import remembering
from chalicelib.core.context import system
from chalicelib.notifications.templates import reading
from chalicelib.notifications.templates.forms import FORMS, faults
from chalicelib.notifications.templates.messages import LOCALES, MESSAGES
from tests.audit.test_acts import detail, log
from tests.identity.people import PHONE, ask_for_code, outbox, said
from tests.jobs import stream
from tests.kyc.papers import staff_member
from tests.payments.test_paying import pay
from tests.platform.shops import boss_of, opened
from tests.shop import Answer, Person, Shop, configured, send
from tests.unchanged import nothing_changes, store_calls

URL = "/v1/admin/settings/templates"
SMS_CODE = "account.code/sms/en"
PAID = "order.paid/in_app/en"


def put(person: Person, place: str, content: dict[str, Any], **headers: str) -> Answer:
    return person.put(f"{URL}/{place}", {"content": content}, headers=headers)


def preview(person: Person, place: str, **body: Any) -> Answer:
    return person.post(f"{URL}/{place}/preview", body)


def refusals(answer: Answer) -> list[tuple[str, str]]:
    assert answer.status == 422, answer.text
    return [(one["field"], one["code"]) for one in answer.json["errors"]]


@pytest.mark.ledger("S4-190")
@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_comes_with_good_words_in_both_languages(shop: Shop, name: str) -> None:
    message = MESSAGES[name]
    for channel in message.channels:
        for locale in LOCALES:
            usual, samples = FORMS[channel].usual(message, locale), message.samples(locale)
            assert (usual is None) == (channel == "wechat")
            if usual is not None:
                assert faults(FORMS[channel], message, usual, samples) == []
                shown = preview(shop.admin, f"{name}/{channel}/{locale}").json
                assert "{" not in shown["title"] + shown["text"]


@pytest.mark.ledger("S4-190")
@pytest.mark.parametrize("to", [PHONE, "lin@example.com"])
def test_a_code_goes_out_in_the_shops_own_words(shop: Shop, to: str) -> None:
    channel = "mail" if "@" in to else "sms"
    own = {"body": "{shop}: {code} {what_for}, {minutes} min"}
    own |= {"subject": "{shop} {code}"} if channel == "mail" else {}
    assert put(shop.admin, f"account.code/{channel}/en", own).status == 200
    ask_for_code(to, "sign_in" if channel == "sms" else "bind")
    (letter,) = outbox(to)
    purpose = "to sign in" if channel == "sms" else "to bind this address to your account"
    shop_name = send("GET", "/v1/config").json["name"]
    assert letter["text"] == f"{shop_name}: {letter['code']} {purpose}, 5 min"
    assert letter["title"] == ("" if channel == "sms" else f"{shop_name} {letter['code']}")
    shop.clock.advance(minutes=2)
    ask_for_code(to, "sign_in" if channel == "sms" else "bind", headers={"accept-language": "zh-CN"})
    assert outbox(to)[0]["text"].startswith("验证码 "), "the other language is as usual"


@pytest.mark.ledger("S4-190")
def test_messages_in_the_list_are_in_the_shops_own_words(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    pay(lin, order["id"])
    stream()
    put(shop.admin, PAID, {"subject": "Hooray", "body": "{number} from {shop} is ours to pack"})
    (message,) = lin.get("/v1/me/notifications").json["data"]
    assert (message["title"], message["text"]) == ("Hooray", f"{order['number']} from Souk is ours to pack")
    assert shop.admin.delete(f"{URL}/{PAID}").json["is_default"] is True
    (message,) = lin.get("/v1/me/notifications").json["data"]
    assert message["title"] == f"Order {order['number']} is paid"


@pytest.mark.ledger("S4-190")
def test_every_version_is_kept_and_can_be_had_again(shop: Shop) -> None:
    seen = [put(shop.admin, PAID, {"subject": word, "body": "x"}) for word in ("One", "Two")]
    assert [one.headers["etag"] for one in seen] == ['"1"', '"2"']
    shop.admin.delete(f"{URL}/{PAID}")
    back = shop.admin.post(f"{URL}/{PAID}/restore", {"version": 1, "reason": "it was better"})
    assert (back.json["content"]["subject"], back.json["version"]) == ("One", 4)
    first = shop.admin.get(f"{URL}/{PAID}/versions?limit=3").json
    rest = shop.admin.get(f"{URL}/{PAID}/versions?limit=3&cursor={first['next_cursor']}").json
    told = first["data"] + rest["data"]
    assert [one["number"] for one in told] == [4, 3, 2, 1]
    assert [one["content"] and one["content"]["subject"] for one in told] == ["One", None, "Two", "One"]
    assert {one["actor_id"] for one in told} == {shop.admin.id}
    assert told[0]["reason"] == "it was better"
    assert shop.admin.post(f"{URL}/{PAID}/restore", {"version": 9}).status == 404


def test_an_edit_of_an_older_version_is_refused_and_the_same_words_are_no_version(shop: Shop) -> None:
    content = {"subject": "One", "body": "x"}
    put(shop.admin, PAID, content, **{"if-match": '"0"'})
    token = shop.admin.token
    with nothing_changes():
        late = send("PUT", f"{URL}/{PAID}", {"content": content}, token=token, headers={"if-match": '"0"'})
        assert said(late) == (412, "version_conflict")
        same = send("PUT", f"{URL}/{PAID}", {"content": content}, token=token)
        assert same.json["version"] == 1


BAD: dict[str, tuple[str, dict[str, Any], tuple[str, str]]] = {
    "an unknown variable": (PAID, {"subject": "x", "body": "{price}"}, ("content.body", "unknown_variable")),
    "a way into the process": (
        PAID,
        {"subject": "x", "body": "{number.__class__.__mro__}"},
        ("content.body", "template_syntax"),
    ),
    "an index": (PAID, {"subject": "{number[0]}", "body": "x"}, ("content.subject", "template_syntax")),
    "a conversion": (PAID, {"subject": "x", "body": "{number!r:>9999}"}, ("content.body", "template_syntax")),
    "a place without a name": (PAID, {"subject": "x", "body": "{} {0}"}, ("content.body", "template_syntax")),
    "another language of templates": (PAID, {"subject": "x", "body": "{{ 7*7 }}"}, ("content.body", "template_syntax")),
    "no subject": ("order.paid/mail/en", {"body": "x"}, ("content.subject", "missing")),
    "an empty body": ("order.paid/mail/en", {"subject": "x", "body": ""}, ("content.body", "missing")),
    "a subject for a text message": (SMS_CODE, {"subject": "x", "body": "{code}"}, ("content.subject", "not_here")),
    "a code without the code": (SMS_CODE, {"body": "Hello"}, ("content.body", "variable_needed")),
    "too long for a text message": ("order.paid/sms/en", {"body": "x" * 460}, ("content.body", "too_long_for_sms")),
    "too long with other letters": ("order.paid/sms/en", {"body": "付" * 202}, ("content.body", "too_long_for_sms")),
    "a subject too long": ("order.paid/mail/en", {"subject": "x" * 121, "body": "x"}, ("content.subject", "too_long")),
    "no id of a template": (
        "order.paid/wechat/en",
        {"template_id": "no", "fields": {"thing1": "x"}},
        ("content.template_id", "form"),
    ),
    "no place of a template": (
        "order.paid/wechat/en",
        {"template_id": "t" * 43, "fields": {"picture1": "x"}},
        ("content.fields.picture1", "unknown_place"),
    ),
    "words too long for a place": (
        "order.paid/wechat/en",
        {"template_id": "t" * 43, "fields": {"thing1": "x" * 21}},
        ("content.fields.thing1", "too_long"),
    ),
    "a page that is none": (
        "order.paid/wechat/en",
        {"template_id": "t" * 43, "fields": {"thing1": "x"}, "page": "https://a.example.com"},
        ("content.page", "form"),
    ),
}  # fmt: skip


@pytest.mark.ledger("S4-190")
@pytest.mark.parametrize("case", BAD)
def test_words_that_will_not_do_are_named_and_change_nothing(shop: Shop, case: str) -> None:
    place, content, refusal = BAD[case]
    token = shop.admin.token
    with nothing_changes():
        answer = send("PUT", f"{URL}/{place}", {"content": content}, token=token)
        assert refusal in refusals(answer)
        drafted = send("POST", f"{URL}/{place}/preview", {"content": content}, token=token)
        assert refusal in refusals(drafted)


def test_what_just_fits_a_text_message_is_taken(shop: Shop) -> None:
    for body, segments in (
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 459, 3),
        ("付" * 70, 1),
        ("付" * 201, 3),
        ("€" * 80, 1),
    ):
        shown = preview(shop.admin, "order.paid/sms/en", content={"body": body})
        assert (shown.status, shown.json["segments"]) == (200, segments)


def test_what_a_value_holds_is_never_read_as_a_template(shop: Shop) -> None:
    put(shop.admin, "order.shipped/mail/en", {"subject": "{carrier} {tracking_number}", "body": "{carrier}"})
    values = {
        "carrier": "{tracking_number}",
        "tracking_number": "1\r\nBcc: all@example.com\u2028" + "x" * 300,
    }
    sent = reading.rendered(system("default"), "order.shipped", "mail", "en", values)
    assert sent is not None
    assert sent.text == "{tracking_number}"
    assert sent.title.startswith("{tracking_number} 1 Bcc: all@example.com x")
    assert len(sent.title) == len("{tracking_number} ") + 200
    strange = preview(shop.admin, "order.shipped/mail/en", values={"price": "1"})
    assert refusals(strange) == [("values.price", "unknown_variable")]


@pytest.mark.ledger("S4-190")
def test_a_subscribe_message_has_the_merchants_own_template(shop: Shop) -> None:
    place = "order.shipped/wechat/zh-CN"
    assert said(preview(shop.admin, place)) == (409, "template_not_set")
    content = {
        "template_id": "t" * 43,
        "fields": {"character_string1": "{number}", "thing2": "{carrier}"},
        "page": "pages/order?n={number}",
    }
    assert put(shop.admin, place, content).status == 200
    shown = preview(shop.admin, place, values={"carrier": "很长" * 20, "number": "a&b=c"}).json
    assert shown["fields"] == {"character_string1": "a&b=c", "thing2": "很长" * 9 + "很…"}
    assert (shown["template_id"], shown["page"]) == ("t" * 43, "pages/order?n=a%26b%3Dc")
    sent = reading.rendered(
        system("default"), "order.shipped", "wechat", "zh-CN", {"number": "1", "carrier": "顺丰"}
    )
    assert sent is not None
    assert sent.fields == {"character_string1": "1", "thing2": "顺丰"}
    assert reading.rendered(system("default"), "order.paid", "wechat", "en", {}) is None


@pytest.mark.ledger("S4-190")
def test_a_test_message_goes_as_far_as_the_sandbox(shop: Shop) -> None:
    put(shop.admin, SMS_CODE, {"body": "Try {code}"})
    sent = shop.admin.post(f"{URL}/{SMS_CODE}/test", {"to": PHONE})
    assert (sent.status, sent.json["text"]) == (202, "Try 123456")
    (letter,) = outbox(PHONE)
    assert (letter["text"], letter["code"]) == ("Try 123456", None), "a sample opens nothing"
    with configured(SOUK_SANDBOX="off"):
        token = shop.admin.token
        with nothing_changes():
            off = send("POST", f"{URL}/{SMS_CODE}/test", {"to": PHONE}, token=token)
            assert said(off) == (409, "sandbox_off")


def test_templates_are_listed_by_message_channel_and_language(shop: Shop) -> None:
    put(shop.admin, PAID, {"subject": "One", "body": "x"})
    everything = shop.admin.get(URL).json["data"]
    assert len(everything) == sum(len(one.channels) for one in MESSAGES.values()) * 2
    (own,) = shop.admin.get(f"{URL}?changed=true").json["data"]
    assert (own["message"], own["channel"], own["locale"]) == ("order.paid", "in_app", "en")
    codes = shop.admin.get(f"{URL}?message=account.code&locale=zh-CN").json["data"]
    assert [one["channel"] for one in codes] == ["sms", "mail"]
    needed = {one["name"]: one["is_needed"] for one in codes[0]["variables"]}
    assert needed == {"shop": False, "code": True, "what_for": False, "minutes": False}


@pytest.mark.parametrize(
    "place", ["order.made_up/sms/en", "account.code/wechat/en", "order.paid/pigeon/en", "order.paid/sms/fr"]
)
def test_a_place_that_is_not_there_is_a_404(shop: Shop, place: str) -> None:
    token = shop.admin.token
    with nothing_changes():
        assert send("GET", f"{URL}/{place}", token=token).status == 404
        assert send("PUT", f"{URL}/{place}", {"content": {"body": "x"}}, token=token).status == 404
        assert send("DELETE", f"{URL}/{place}", token=token).status == 404
        assert send("GET", f"{URL}/{place}/versions", token=token).status == 404


def test_a_change_is_in_every_process_within_a_minute(shop: Shop) -> None:
    ctx = system("default")
    reading.rendered(ctx, "order.paid", "in_app", "en", {})
    elsewhere = dict(reading._known._known)
    put(shop.admin, PAID, {"subject": "One", "body": "x"})
    reading._known._known.update(elsewhere)
    before = reading.rendered(ctx, "order.paid", "in_app", "en", {})
    shop.clock.advance(seconds=remembering.FOR.total_seconds())
    after = reading.rendered(ctx, "order.paid", "in_app", "en", {})
    assert (before and before.title, after and after.title) == ("Order  is paid", "One")


def test_words_cost_a_list_of_messages_one_call_a_minute(shop: Shop) -> None:
    lin = shop.customer()
    token = lin.token
    counts = []
    for _ in range(2):
        with store_calls() as calls:
            assert send("GET", "/v1/me/notifications", token=token).status == 200
        counts.append(len(calls))
    pay(lin, shop.order(lin, shop.sku())["id"])
    stream()
    for _ in range(2):
        with store_calls() as calls:
            assert len(send("GET", "/v1/me/notifications", token=token).json["data"]) == 1
        counts.append(len(calls))
    assert counts == [1, 1, 2, 1]


def test_a_change_is_on_record(shop: Shop) -> None:
    shop.admin.put(f"{URL}/{PAID}", {"content": {"subject": "One", "body": "x"}, "reason": "shorter"})
    row = log(shop, "?act=templates_write_template")[0]
    assert (row["reason"], row["targets"]) == (
        "shorter",
        {"message": "order.paid", "channel": "in_app", "locale": "en"},
    )
    (change,) = detail(shop, row["id"])["changes"]
    assert change["after"]["content"]["subject"] == "One"


@pytest.mark.rule("B17")
def test_the_words_of_one_shop_are_no_others(shop: Shop) -> None:
    opened(shop)
    put(boss_of("acme"), PAID, {"subject": "Acme", "body": "x"})
    assert shop.admin.get(f"{URL}/{PAID}").json["is_default"] is True


def test_who_may_only_read_previews_and_changes_nothing(shop: Shop) -> None:
    clerk = staff_member(shop, "operations")
    assert preview(clerk, PAID).status == 200
    token = clerk.token
    with nothing_changes():
        for method, url, body in (
            ("PUT", PAID, {"content": {"subject": "x", "body": "x"}}),
            ("DELETE", PAID, None),
            ("POST", f"{PAID}/restore", {"version": 1}),
            ("POST", f"{PAID}/test", {"to": PHONE}),
        ):
            assert send(method, f"{URL}/{url}", body, token=token).status == 403
