"""What a sample may show: enough to judge the change, nothing of a person."""

from typing import Any

from chalicelib.migrations.samples import sample

USER = "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"


def shown(attributes: dict[str, Any], *, openly: frozenset[str] = frozenset()) -> Any:
    """What is shown of these when they come new."""
    before = {"pk": {"S": f"default#USER#{USER}"}, "sk": {"S": "USER"}, "kind": {"S": "user"}}
    return sample(before, {**before, **attributes}, openly)["after"]


def test_words_are_masked_wherever_they_stand() -> None:
    told = shown(
        {
            "name": {"S": "Lin Yi"},
            "phone": {"S": "13800000000"},
            "ship_to": {"M": {"line1": {"S": "1 Lake Road"}, "all": {"L": [{"S": "lin@example.com"}]}}},
            "tags": {"SS": ["gold"]},
        }
    )
    assert told == {
        "name": "L***",
        "phone": "138****0000",
        "ship_to": {"line1": "1***", "all": ["l***@example.com"]},
        "tags": ["g***"],
    }


def test_ids_times_and_counts_are_not() -> None:
    told = {
        "user_id": {"S": USER},
        "at": {"S": "2036-03-02T01:00:00.000Z"},
        "count": {"N": "7"},
        "is_new": {"BOOL": True},
    }
    assert shown(told) == {"user_id": USER, "at": "2036-03-02T01:00:00.000Z", "count": 7, "is_new": True}


def test_secrets_are_hidden_even_where_the_migration_would_show_them() -> None:
    told = {"password_hash": {"S": "$argon2id$v=19$x"}, "sealed": {"B": b"secret"}}
    assert shown(told, openly=frozenset(told)) == {"password_hash": "***", "sealed": "***"}


def test_a_login_that_stands_in_a_key_is_masked_there() -> None:
    item = {
        "pk": {"S": "default#LOGIN#email#lin@example.com"},
        "sk": {"S": "LOGIN"},
        "kind": {"S": "login"},
    }
    assert sample(item, item, ())["key"] == "default#LOGIN#e***#l***@example.com LOGIN"
    entry = {"owner_pk": {"S": f"default#CUSTOMER#{USER}#REMOVED_ORDERS"}, "owner_sk": {"S": "lin"}}
    assert shown(entry) == {"owner_pk": f"default#CUSTOMER#{USER}#REMOVED_ORDERS", "owner_sk": "l***"}


def test_what_may_be_shown_is_shown_and_cut() -> None:
    openly = frozenset({"status", "note"})
    told = shown({"status": {"S": "paid"}, "note": {"S": "x" * 500}}, openly=openly)
    assert told["status"] == "paid"
    assert len(told["note"]) == 121
