"""API shapes of what is given to a person, and of their leaving."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.http import Body, Query, View


class CloseAccount(Body):
    """`password`; where the account has none, `code` (purpose `confirm`) or the `wechat_code` of `wx.login`."""

    password: Annotated[str | None, Field(min_length=1, max_length=128)] = None
    code: Annotated[str | None, Field(pattern=r"^[0-9]{6}$", examples=["246813"])] = None
    wechat_code: Annotated[str | None, Field(min_length=1, max_length=128, pattern=r"^[!-~]+$")] = None


class ExportQuery(Query):
    section: Annotated[str | None, Field(max_length=40)] = None
    """One section alone; absent: the first page of every one."""
    cursor: Annotated[str | None, Field(max_length=2000)] = None
    """The `next_cursor` of that section."""


class Section(View):
    data: list[dict[str, Any]]
    next_cursor: str | None


class Export(View):
    user_id: str
    exported_at: str
    sections: dict[str, Section]
