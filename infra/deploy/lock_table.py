"""The account's own table of deployments: one lock for each stage, and a line for whatever was done with it.

A table of its own, and not the shop's: it is there before the first deployment of a stage and stays as it is while a
stage's table is restored. It is made on first use and costs nothing while nobody deploys.
"""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.core import clock
from chalicelib.store.client import error_code

TABLE = "souk-deploys"
_LOCK = "LOCK"
_DONE = "DONE#"

Row = dict[str, str]


class Refused(Exception):
    """The lock is not as it had to be. `stands` is what it is; None: nobody has it."""

    def __init__(self, stands: Row | None) -> None:
        super().__init__("the lock is not as it was")
        self.stands = stands


class LockTable:
    """Every change is one transaction of the lock and its line; each says how the lock must stand before."""

    def __init__(self, client: Any, name: str = TABLE) -> None:
        self._client, self._name = client, name

    def ensure(self) -> None:
        """Make the table where there is none. Two who do so at once meet in one."""
        try:
            self._client.describe_table(TableName=self._name)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            with contextlib.suppress(self._client.exceptions.ResourceInUseException):
                self._client.create_table(
                    TableName=self._name,
                    BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[
                        {"AttributeName": "pk", "AttributeType": "S"},
                        {"AttributeName": "sk", "AttributeType": "S"},
                    ],
                    KeySchema=[
                        {"AttributeName": "pk", "KeyType": "HASH"},
                        {"AttributeName": "sk", "KeyType": "RANGE"},
                    ],
                    SSESpecification={"Enabled": True},
                    DeletionProtectionEnabled=True,
                    Tags=[{"Key": "app", "Value": "souk"}],
                )
            self._client.get_waiter("table_exists").wait(
                TableName=self._name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
            )

    def read(self, stage: str) -> Row | None:
        """None: nobody has it, or nobody ever deployed."""
        try:
            answer = self._client.get_item(TableName=self._name, Key=_at(stage, _LOCK), ConsistentRead=True)
        except self._client.exceptions.ResourceNotFoundException:
            return None
        return _row(answer["Item"]) if answer.get("Item") else None

    def take(self, stage: str, lock: Row, seen: Row | None, line: Row) -> None:
        """Put the lock where `seen` stands, or nothing. Raises Refused."""
        put: dict[str, Any] = {"TableName": self._name, "Item": {**_at(stage, _LOCK), **_wire(lock)}}
        if seen is None:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            put["ConditionExpression"] = "holder = :holder AND held_until = :until"
            put["ExpressionAttributeValues"] = _wire(
                {":holder": seen["holder"], ":until": seen["held_until"]}
            )
        self._together(stage, {"Put": put}, line, mine=lock["holder"])

    def give_back(self, stage: str, holder: str, line: Row) -> None:
        """Raises Refused when it is not `holder`'s."""
        delete = {
            "TableName": self._name,
            "Key": _at(stage, _LOCK),
            "ConditionExpression": "holder = :holder",
            "ExpressionAttributeValues": _wire({":holder": holder}),
        }
        self._together(stage, {"Delete": delete}, line, mine=None)

    def hold_on(self, stage: str, holder: str, until: datetime) -> None:
        """Raises Refused when it is not `holder`'s any more."""
        try:
            self._client.update_item(
                TableName=self._name,
                Key=_at(stage, _LOCK),
                UpdateExpression="SET held_until = :until",
                ConditionExpression="holder = :holder",
                ExpressionAttributeValues=_wire({":holder": holder, ":until": clock.to_text(until)}),
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            raise Refused(self.read(stage)) from None

    def lines(self, stage: str, limit: int) -> list[Row]:
        """What was done, the latest first."""
        try:
            answer = self._client.query(
                TableName=self._name,
                KeyConditionExpression="pk = :stage AND begins_with(sk, :done)",
                ExpressionAttributeValues=_wire({":stage": stage, ":done": _DONE}),
                ScanIndexForward=False,
                Limit=limit,
            )
        except self._client.exceptions.ResourceNotFoundException:
            return []
        return [_row(item) for item in answer["Items"]]

    def _together(self, stage: str, action: dict[str, Any], line: Row, *, mine: str | None) -> None:
        """`mine`: a lock found to be ours already is a success whose answer was lost."""
        what = f"{_DONE}{line['at']}#{line['holder']}#{line['act']}"
        told = {"Put": {"TableName": self._name, "Item": {**_at(stage, what), **_wire(line)}}}
        try:
            self._client.transact_write_items(TransactItems=[action, told])
        except ClientError as error:
            if error_code(error) not in ("TransactionCanceledException", "TransactionConflictException"):
                raise
            stands = self.read(stage)
            if mine is not None and stands is not None and stands["holder"] == mine:
                return
            raise Refused(stands) from None


def _at(stage: str, what: str) -> dict[str, Any]:
    return _wire({"pk": stage, "sk": what})


def _wire(row: Row) -> dict[str, Any]:
    return {name: {"S": value} for name, value in row.items()}


def _row(item: dict[str, Any]) -> Row:
    return {name: value["S"] for name, value in item.items()}
