"""How many bytes there are, in the transaction of whatever changes it: reserved, settled, released.

A file stands in two books or three: the shop's, its kind's, its customer's. What is added is bounded by the transaction
itself, so no count passes its quota or falls below zero however many write at once; and no level of the quota is
passed without being told.
"""

from chalicelib.core import log
from chalicelib.core.context import Context, system
from chalicelib.core.errors import Conflict, SoukError
from chalicelib.core.text import Text
from chalicelib.media import levels
from chalicelib.media.entities import WHOLE, StorageUsage, Upload, books_of, usage_ref
from chalicelib.media.limits import Limits
from chalicelib.store import (
    Change,
    Event,
    Found,
    Ref,
    Transaction,
    emit,
    get_many,
    refuse_with,
    transaction,
)

LEVEL_REACHED = "storage.level"
Books = dict[str, StorageUsage]


class StorageFull(Conflict):
    code = "storage_full"
    title = Text("There is no room for this file", "存储空间不足")
    detail = Text(
        "{needed_bytes} bytes are needed and {free_bytes} are free: delete files, or ask the shop for more room.",
        "需要 {needed_bytes} 字节，剩余 {free_bytes} 字节。请删除文件，或联系店铺扩容。",
    )


class TooManyFiles(Conflict):
    code = "too_many_files"
    title = Text("You have too many files", "文件数量已达上限")
    detail = Text(
        "You may have {most} at a time: delete one first.", "最多可保存 {most} 个文件，请先删除一个。"
    )


class UsageMoved(Conflict):
    """Usage is in another band than it was: it is read and tried again. Never shown to a client."""

    code = "usage_moved"


def refs(tenant: str, use: str, owner_id: str) -> list[Ref]:
    return [usage_ref(tenant, book) for book in books_of(use, owner_id)]


def within(found: Found, tenant: str, use: str, owner_id: str) -> Books:
    """The books of a kind of file and its owner, read together with other items by their `refs`."""
    return {
        book: found.one(StorageUsage, usage_ref(tenant, book)) or StorageUsage(tenant=tenant, book=book)
        for book in books_of(use, owner_id)
    }


def read(ctx: Context, upload: Upload) -> Books:
    """One BatchGetItem."""
    return within(
        get_many(refs(ctx.tenant, upload.use, upload.owner_id)), ctx.tenant, upload.use, upload.owner_id
    )


def refuse_if_full(books: Books, upload: Upload, limits: Limits) -> None:
    """Raises StorageFull, TooManyFiles."""
    refusal = _refusal(books[WHOLE], books, upload, limits)
    if refusal is not None:
        raise refusal


def reserve(tx: Transaction, books: Books, upload: Upload, limits: Limits) -> None:
    """Parts `storage:<book>`. Refuses with StorageFull, TooManyFiles, UsageMoved."""
    size = upload.size_bytes
    for book, usage in books.items():
        cap = {"used_bytes": limits.room_for(upload.owner_id)} if book == WHOLE else {}
        if book.startswith("owner:"):
            cap["files"] = limits.files_of_a_customer
        change = Change(add={"used_bytes": size, "reserved_bytes": size, "files": 1}, cap=cap)
        _write(tx, usage, change, limits)


def settle(tx: Transaction, upload: Upload) -> None:
    """The bytes that were reserved are there. Parts `storage:<book>`; nothing has to be read for it."""
    for book in books_of(upload.use, upload.owner_id):
        tx.update(
            f"storage:{book}",
            StorageUsage,
            usage_ref(upload.tenant, book),
            add={"reserved_bytes": -upload.size_bytes},
            floor={"reserved_bytes": 0},
            refuse=refuse_with(UsageMoved),
        )


def release(tx: Transaction, books: Books, upload: Upload, limits: Limits) -> None:
    """Give back what an upload holds. Parts `storage:<book>`. Refuses with UsageMoved."""
    reserved = upload.size_bytes if upload.state == "pending" else 0
    for usage in books.values():
        if usage.as_read is None:
            continue  # nothing was ever counted there: `make verify` says so
        change = Change(
            add={"used_bytes": -upload.size_bytes, "reserved_bytes": -reserved, "files": -1},
            floor={"used_bytes": 0, "reserved_bytes": 0, "files": 0},
        )
        _write(tx, usage, change, limits)


def _write(tx: Transaction, usage: StorageUsage, change: Change, limits: Limits) -> None:
    added = change.get("add") or {}
    change["refuse"] = refuse_with(UsageMoved)
    if usage.book == WHOLE:
        _tell(tx, usage, change, usage.used_bytes + added["used_bytes"], limits)
    if usage.as_read is not None:
        tx.update(f"storage:{usage.book}", StorageUsage, usage.ref, **change)
        return
    first = StorageUsage(
        tenant=usage.tenant,
        book=usage.book,
        used_bytes=added["used_bytes"],
        reserved_bytes=added["reserved_bytes"],
        files=added["files"],
        told_level=(change.get("set") or {}).get("told_level", 0),
    )
    tx.put(f"storage:{usage.book}", first, refuse=refuse_with(UsageMoved))


def _tell(tx: Transaction, usage: StorageUsage, change: Change, used: int, limits: Limits) -> None:
    """Bound the change to the band its result should lie in, and announce a level that it reaches."""
    told = levels.told_after(usage.told_level, used, limits.quota_bytes)
    least, most = levels.band(usage.told_level, used, limits.quota_bytes)
    floor, cap = dict(change.get("floor") or {}), dict(change.get("cap") or {})
    floor["used_bytes"] = max(least, floor.get("used_bytes", 0))
    if most is not None:
        cap["used_bytes"] = min(most, cap.get("used_bytes", most))
    change["floor"], change["cap"] = floor, cap
    change["when"] = StorageUsage.told_level == usage.told_level
    if told != usage.told_level:
        change["set"] = {"told_level": told}
    if told > usage.told_level:
        _announce(tx, told, used, limits)


def _announce(tx: Transaction, level: int, used: int, limits: Limits) -> None:
    emit(tx, LEVEL_REACHED, {"level": level, "used_bytes": used, "quota_bytes": limits.quota_bytes})


def _refusal(whole: StorageUsage, books: Books, upload: Upload, limits: Limits) -> SoukError | None:
    free = max(0, limits.room_for(upload.owner_id) - whole.used_bytes)
    if upload.size_bytes > free:
        return StorageFull(needed_bytes=upload.size_bytes, free_bytes=free)
    own = books.get(f"owner:{upload.owner_id}")
    if own is not None and own.files >= limits.files_of_a_customer:
        return TooManyFiles(most=limits.files_of_a_customer)
    return None


def tell_full(ctx: Context, books: Books, upload: Upload, limits: Limits) -> None:
    """A file was refused for want of room. Where the shop is as good as full, that is its last level.

    Store calls: 1, or none. Another's word about the same is enough.
    """
    usage, full = books[WHOLE], levels.LEVELS[-1]
    log.warning(
        "storage_full", tenant=ctx.tenant, used_bytes=usage.used_bytes, quota_bytes=limits.quota_bytes
    )
    log.metrics({"kind": upload.use}, storage_refused=1)
    as_good_as_full = usage.used_bytes * 100 >= (full - levels.SLACK) * limits.quota_bytes
    if usage.told_level == full or not as_good_as_full or usage.as_read is None:
        return
    try:
        with transaction(system(ctx.tenant, ctx.request_id)) as tx:
            tx.update(
                "storage",
                StorageUsage,
                usage.ref,
                set={"told_level": full},
                when=(StorageUsage.told_level == usage.told_level)
                & (StorageUsage.used_bytes == usage.used_bytes),
                refuse=refuse_with(UsageMoved),
            )
            _announce(tx, full, usage.used_bytes, limits)
    except UsageMoved:
        return


def raise_alarm(ctx: Context, event: Event) -> None:
    """Consumer of `storage.level`: an alarm for who looks after the shop."""
    log.warning("storage_level", tenant=ctx.tenant, **event.data)
    log.metrics({"level": str(event.data["level"])}, storage_alarms=1)


def of_shop(ctx: Context, books: list[str]) -> dict[str, StorageUsage]:
    """Some of a shop's books, empty where there is none yet. One BatchGetItem."""
    found = get_many(usage_ref(ctx.tenant, book) for book in books)
    return {
        book: found.one(StorageUsage, usage_ref(ctx.tenant, book))
        or StorageUsage(tenant=ctx.tenant, book=book)
        for book in books
    }
