"""The account itself: the person, their logins, sessions and sign-ins. No password, no token, not even a digest."""

from typing import Any

from chalicelib.core.clock import to_text
from chalicelib.core.context import Context
from chalicelib.identity import accounts, profile, session_list, sign_ins
from chalicelib.privacy.holders.base import Holder
from chalicelib.store import Page


def _profile(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    user = profile.of(ctx)
    return Page(
        [
            {
                **user.row(),
                "avatar_url": user.avatar_url,
                "has_password": user.password_hash is not None,
                "email_verified_at": user.email_verified_at and to_text(user.email_verified_at),
                "phone_verified_at": user.phone_verified_at and to_text(user.phone_verified_at),
                "last_seen_at": user.last_seen_at and to_text(user.last_seen_at),
            }
        ]
    )


def _logins(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    return Page([{"kind": login.kind, "login": login.text} for login in accounts.logins_of(profile.of(ctx))])


def _sessions(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    page = session_list.standing(ctx, limit=limit, cursor=cursor)
    return Page(
        [
            {
                "id": one.session_id,
                "way": one.way,
                "client_ip": one.client_ip,
                "user_agent": one.user_agent,
                "created_at": to_text(one.created_at),
                "refreshed_at": one.refreshed_at and to_text(one.refreshed_at),
            }
            for one in page.data
        ],
        page.next_cursor,
    )


def _sign_ins(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    page = sign_ins.of_user(ctx, ctx.customer_id, limit=limit, cursor=cursor)
    return Page(
        [
            {
                "at": to_text(one.at),
                "way": one.way,
                "outcome": one.outcome,
                "client_ip": one.client_ip,
                "user_agent": one.user_agent,
            }
            for one in page.data
        ],
        page.next_cursor,
    )


HOLDERS = (
    Holder("profile", _profile),
    Holder("logins", _logins),
    Holder("sessions", _sessions),
    Holder("sign_ins", _sign_ins),
)
