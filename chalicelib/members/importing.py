"""Importing members: each row checked and written by itself, none twice however often the file is sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from pydantic import ValidationError

from chalicelib.core import csv_text
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Forbidden, Invalid, PreconditionFailed, SoukError
from chalicelib.http import Raw
from chalicelib.http.problem import from_validation
from chalicelib.identity import logins
from chalicelib.identity.entities import LoginBinding, User
from chalicelib.identity.logins import Login
from chalicelib.members import editing, guards, reading
from chalicelib.members.editing import Draft
from chalicelib.members.exporting import COLUMNS, TAGS_BETWEEN
from chalicelib.members.schemas import ImportedRow, ImportOutcome, ImportQuery, ImportRows, MemberImportReport
from chalicelib.store import Found, Ref, get_many, transaction

MOST_ROWS = 1000
MOST_BYTES = 2 * 1024 * 1024
TIME = timedelta(seconds=20)
"""A gateway waits 29 s for an answer: what is not begun by then is left for the next time."""
_ROWS = 33
"""Read together: with three logins each they fit one BatchGet."""
_TOLD_ONLY = frozenset(COLUMNS) - frozenset(ImportedRow.model_fields)
"""Columns of an export that an import cannot set, and passes over."""
_READERS = {"email": logins.email, "phone": logins.phone, "username": logins.username}


class LoginsOfTwo(Conflict):
    """Never shown to a client but as the problem of a row."""

    code = "logins_of_two_accounts"


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    given: list[Login]
    fields: dict[str, Any]


def read(ctx: Context, raw: Raw) -> list[dict[str, Any]]:
    """The rows of a file, CSV or JSON by its content type. Raises Invalid, NotJson."""
    if raw.headers.get("content-type", "").startswith("text/csv"):
        try:
            text = raw.body.decode()
        except UnicodeDecodeError:
            raise Invalid.field("file", "not_utf8", "must be text in UTF-8") from None
        return [_of_cells(cells) for cells in csv_text.parse(text, most_rows=MOST_ROWS)]
    try:
        return ImportRows.model_validate_json(raw.body or b"{}").rows
    except ValidationError as error:
        raise from_validation(error, "body", ctx.locale) from None


def _of_cells(cells: Mapping[str, str]) -> dict[str, Any]:
    """An empty cell says nothing; tags stand in one."""
    row: dict[str, Any] = {name: cell for name, cell in cells.items() if cell and name not in _TOLD_ONLY}
    if "tags" in row:
        row["tags"] = [tag.strip() for tag in row["tags"].split(TAGS_BETWEEN) if tag.strip()]
    return row


def run(ctx: Context, rows: Sequence[dict[str, Any]], query: ImportQuery) -> MemberImportReport:
    """Store calls: one BatchGet for 33 rows; one for the members of rows to update, and one for each row written.

    Raises Forbidden; Unavailable: what was written until then stays, and a second run goes on.
    """
    if query.existing == "update" and not reading.sees_in_full(ctx):
        raise Forbidden
    work, ends_at = _Import(ctx, query), ctx.now + TIME
    told: list[ImportOutcome] = []
    for start in range(0, len(rows), _ROWS):
        batch = rows[start : start + _ROWS]
        if ctx.fresh().now >= ends_at:
            break
        told += work.carry_out(start, batch)
    return MemberImportReport(dry_run=query.dry_run, data=told, left=len(rows) - len(told))


class _Import:
    """One run: which logins its rows have named so far."""

    def __init__(self, ctx: Context, query: ImportQuery) -> None:
        self._ctx, self._query = ctx, query
        self._named: dict[Login, int] = {}

    def carry_out(self, start: int, batch: Sequence[dict[str, Any]]) -> Iterator[ImportOutcome]:
        read: list[_Row | ImportOutcome] = [self._read(start + n, raw) for n, raw in enumerate(batch, 1)]
        good = [row for row in read if isinstance(row, _Row)]
        found = get_many(self._ref(login) for row in good for login in row.given)
        for row in read:
            yield row if isinstance(row, ImportOutcome) else self._write(row, found)

    def _read(self, number: int, raw: dict[str, Any]) -> _Row | ImportOutcome:
        try:
            data = ImportedRow.model_validate(raw)
            row = _Row(number, _logins(data), data.fields())
            for login in row.given:
                if (other := self._named.setdefault(login, number)) != number:
                    raise Invalid.field(login.kind, "duplicate_login", f"is in row {other} too")
        except ValidationError as error:
            return self._failed(number, from_validation(error, "row", self._ctx.locale))
        except SoukError as error:
            return self._failed(number, error)
        return row

    def _write(self, row: _Row, found: Found) -> ImportOutcome:
        bindings = [found.one(LoginBinding, self._ref(login)) for login in row.given]
        owners = {one.user_id for one in bindings if one is not None}
        try:
            if len(owners) > 1:
                raise LoginsOfTwo
            return self._update(row, owners.pop()) if owners else self._create(row)
        except SoukError as error:
            return self._failed(row.number, error)

    def _create(self, row: _Row) -> ImportOutcome:
        editing.check_adviser(self._ctx, row.fields.get("adviser_id"))
        user = editing.drafted(self._ctx, row.given, Draft(**row.fields))
        if not self._query.dry_run:
            with transaction(self._ctx) as tx:
                editing.put(tx, user, row.given)
        return ImportOutcome(
            row=row.number, outcome="created", user_id=None if self._query.dry_run else user.user_id
        )

    def _update(self, row: _Row, user_id: str) -> ImportOutcome:
        if self._query.existing == "skip":
            # whose it is is told to nobody who may not see them
            return ImportOutcome(row=row.number, outcome="skipped")
        user = guards.check(self._ctx, reading.member(self._ctx, user_id))
        editing.check_adviser(self._ctx, row.fields.get("adviser_id"))
        if not self._change(user, row):
            return ImportOutcome(row=row.number, outcome="unchanged", user_id=user_id)
        if not self._query.dry_run:
            with transaction(self._ctx) as tx:
                tx.replace("user", user)
        return ImportOutcome(row=row.number, outcome="updated", user_id=user_id)

    def _change(self, user: User, row: _Row) -> bool:
        """Whether it changed anything. A level it has is not fixed by being told again."""
        before = user.wire()
        fields = {name: value for name, value in row.fields.items() if name != "level" or value != user.level}
        editing.apply(self._ctx, user, fields)
        return bool(user.wire() != before)

    def _ref(self, login: Login) -> Ref:
        return LoginBinding.key.of(self._ctx.tenant, login_kind=login.kind, login=login.text)

    def _failed(self, number: int, error: SoukError) -> ImportOutcome:
        code, said = error.code, error.say(self._ctx.locale) or error.title.say(self._ctx.locale)
        if isinstance(error, PreconditionFailed):
            said = "changed meanwhile: send the row again"
        if isinstance(error, Invalid) and error.errors:
            code, said = error.errors[0]["code"], f"{error.errors[0]['field']}: {error.errors[0]['message']}"
        return ImportOutcome(row=number, outcome="failed", code=code, message=said)


def _logins(data: ImportedRow) -> list[Login]:
    given: list[Login] = []
    for field, reader in _READERS.items():
        text = cast(str | None, getattr(data, field))
        if text is None:
            continue
        login = reader(text)
        if login is None:
            raise Invalid.field(field, f"{field}_invalid", "is no login of this kind")
        given.append(login)
    if not given:
        raise Invalid.field("email", "login_missing", "give an email, a phone or a username")
    return given
