"""What has to work before requests are worth sending here."""

from chalicelib.core.errors import Unavailable
from chalicelib.core.text import Text
from chalicelib.migrations import fit
from chalicelib.store import reachable

RETRY_AFTER_SECONDS = 5


class StoreUnreachable(Unavailable):
    code = "store_unreachable"
    title = Text("The table cannot be read", "无法读取数据表")


class DataMisfit(Unavailable):
    """`behind`: migrations this release needs; `ahead`: those to undo before it serves."""

    code = "data_misfit"
    title = Text("This release and the data do not go together", "当前版本与数据结构不匹配")
    detail = Text(
        "Apply what it lacks ({behind}), undo what it does not know ({ahead}).",
        "请先执行缺少的迁移({behind}),并撤销本版本不认识的迁移({ahead})。",
    )


def check() -> None:
    """At most two seconds for the table; a Query once a minute for its shape. Raises StoreUnreachable, DataMisfit."""
    if not reachable():
        raise StoreUnreachable(retry_after=RETRY_AFTER_SECONDS)
    found = fit.now()
    if not found:
        raise DataMisfit(retry_after=RETRY_AFTER_SECONDS, behind=list(found.behind), ahead=list(found.ahead))
