"""How a person appears: their name, their language, their picture."""

from collections.abc import Mapping

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, PreconditionFailed
from chalicelib.core.urls import UrlRefused, checked_public_url
from chalicelib.identity import profile
from chalicelib.identity.entities import User
from chalicelib.media import attaching, removing
from chalicelib.media.entities import Upload
from chalicelib.store import Transaction, again, transaction

_AVATAR = "avatar"


def edit(ctx: Context, fields: Mapping[str, str | None]) -> User:
    """Give `name`, `avatar_url` or `locale` other values. A picture that was uploaded ends when it is shown no more.

    Store calls: 2, 1 when nothing changes, 3 where an upload ends. Raises NotFound, Invalid for an address that is
    not public.
    """

    def attempt() -> tuple[User, Upload | None]:
        user, ended = profile.of(ctx), None
        if all(getattr(user, name) == value for name, value in fields.items()):
            return user, None
        with transaction(ctx) as tx:
            if fields.get("avatar_url", user.avatar_url) != user.avatar_url:
                _check_picture(fields["avatar_url"])
                ended = _let_go(tx, user)
            for name, value in fields.items():
                setattr(user, name, value)
            tx.replace("user", user)
        return user, ended

    return _swept(*again(attempt, PreconditionFailed, *attaching.LOST))


def show_upload(ctx: Context, upload_id: str) -> User:
    """Show an avatar that was uploaded; the one before it ends.

    Store calls: 3, or 1 where it is shown already. Raises NotFound, Invalid, UploadsOff.
    """

    def attempt() -> tuple[User, Upload | None]:
        user = profile.of(ctx)
        if user.avatar_upload_id == upload_id:
            return user, None
        with transaction(ctx) as tx:
            user.avatar_url, ended = attaching.swap(
                tx,
                owner_id=user.user_id,
                kind=_AVATAR,
                old=user.avatar_upload_id,
                new=upload_id,
                field="upload_id",
            )
            user.avatar_upload_id = upload_id
            tx.replace("user", user)
        return user, ended

    return _swept(*again(attempt, PreconditionFailed, *attaching.LOST))


def _let_go(tx: Transaction, user: User) -> Upload | None:
    """The uploaded picture, where it is one, ends with this transaction."""
    if user.avatar_upload_id is None:
        return None
    _, ended = attaching.swap(
        tx, owner_id=user.user_id, kind=_AVATAR, old=user.avatar_upload_id, new=None, field="avatar_url"
    )
    user.avatar_upload_id = None
    return ended


def _swept(user: User, ended: Upload | None) -> User:
    if ended is not None:
        removing.sweep_away(ended)
    return user


def _check_picture(url: str | None) -> None:
    if url is None:
        return
    try:
        checked_public_url(url)
    except UrlRefused as error:
        raise Invalid.field("url", "url_not_public", str(error)) from None
