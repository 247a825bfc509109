"""One account takes another's place."""

import pytest

from chalicelib.core.context import Context, system
from chalicelib.core.errors import PreconditionFailed
from chalicelib.identity import accounts, session_list
from chalicelib.identity.accounts import AccountIsStaff
from chalicelib.identity.entities import User, user_ref
from chalicelib.store import get, transaction
from tests.identity.people import PASSWORD, PHONE, log_in, me, register, said
from tests.jobs import of_kind
from tests.shop import Shop
from tests.unchanged import nothing_changes


@pytest.fixture
def ctx(shop: Shop) -> Context:
    return system("default")


def user(user_id: str) -> User:
    found = get(User, user_ref("default", user_id))
    assert found is not None
    return found


def test_the_logins_that_are_missing_move_and_the_others_are_free(ctx: Context) -> None:
    kept = register(email="lin@example.com", username="lin").json
    gone = register(email="old@example.com", phone=PHONE).json
    into, from_ = user(kept["user"]["id"]), user(gone["user"]["id"])
    with transaction(ctx) as tx:
        accounts.absorb(tx, into, from_)
    session_list.end_all(ctx, from_.user_id)
    assert log_in(PHONE).json["user"]["id"] == kept["user"]["id"]
    assert said(log_in("old@example.com")) == (401, "credentials_invalid")
    assert register(email="old@example.com").status == 201
    assert said(me(gone["access_token"])) == (401, "session_revoked")
    left = user(from_.user_id)
    assert (left.status, left.merged_into, left.phone, left.password_hash) == (
        "merged",
        into.user_id,
        None,
        None,
    )
    assert me(kept["access_token"]).json["phone"] == PHONE


def test_of_two_merges_of_one_account_at_once_one_holds(ctx: Context) -> None:
    people = [register(username=name).json["user"]["id"] for name in ("lin", "wei", "old")]
    lin, wei, old, twin = user(people[0]), user(people[1]), user(people[2]), user(people[2])
    lin.username = wei.username = None
    with transaction(ctx) as tx:
        accounts.absorb(tx, lin, old)
    with nothing_changes(), pytest.raises(PreconditionFailed), transaction(ctx) as tx:
        accounts.absorb(tx, wei, twin)


def test_staff_are_not_merged_away(ctx: Context) -> None:
    lin = user(register(username="lin").json["user"]["id"])
    (admin,) = [item["user_id"]["S"] for item in of_kind("user") if "roles" in item]
    with nothing_changes(), pytest.raises(AccountIsStaff), transaction(ctx) as tx:
        accounts.absorb(tx, lin, user(admin))
    assert log_in("lin", PASSWORD).status == 200
