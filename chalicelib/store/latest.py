"""Notes of the installation itself, one item each: what stands is the latest word, whoever says it."""

from botocore.exceptions import ClientError

from chalicelib.store.client import call, error_code, table_name
from chalicelib.store.items import Item

BUDGET_SECONDS = 1.0
"""A note is never worth more of a request's time."""


def keep(item: Item, stamp: str) -> None:
    """Write an item unless a newer one stands, by its attribute `stamp`. One PutItem, safe to repeat.

    Raises Unavailable after a second.
    """
    wire = item.wire()
    try:
        call(
            "PutItem",
            budget=BUDGET_SECONDS,
            TableName=table_name(),
            Item=wire,
            ConditionExpression="attribute_not_exists(#at) OR #at <= :at",
            ExpressionAttributeNames={"#at": stamp},
            ExpressionAttributeValues={":at": wire[stamp]},
        )
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
