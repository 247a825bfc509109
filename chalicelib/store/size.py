"""How large the table is. CloudWatch has no metric of it, so the stage tells it itself."""

from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import log
from chalicelib.store.client import client, table_name

_AT_MINUTE = 0


def tell(now: datetime) -> None:
    """Once an hour, write the table's bytes as a metric. DynamoDB counts every six hours; asking is free.

    Store calls: one DescribeTable in the hour's first minute. Whoever calls goes on when it is refused.
    """
    if now.minute != _AT_MINUTE:
        return
    try:
        table = client().describe_table(TableName=table_name())["Table"]
    except (BotoCoreError, ClientError) as error:
        log.warning("table_size_unknown", reason=type(error).__name__)
        return
    log.metrics({}, table_size_bytes=table["TableSizeBytes"])
