"""One reader's place in the table's stream. The pump and the keeper each have their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_dynamodbstreams.type_defs import GetShardIteratorInputTypeDef

Start = Literal["LATEST", "TRIM_HORIZON"]
Record = dict[str, Any]


def stream_arn(client: DynamoDBClient, table_name: str) -> str:
    return client.describe_table(TableName=table_name)["Table"]["LatestStreamArn"]


class StreamReader:
    """Reads a stream of one shard, which is all the emulator has, in order and without gaps.

    With `LATEST` the place is taken when the reader is made, not when it first reads.
    """

    def __init__(self, client: DynamoDBStreamsClient, arn: str, start: Start = "LATEST") -> None:
        self.arn = arn
        self._client = client
        self._start = start
        self._last: str | None = None
        shards = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        if len(shards) != 1:
            raise ValueError(f"{arn} has {len(shards)} shards; this reader follows exactly one")
        self._shard = shards[0]["ShardId"]
        self._iterator = self._new_iterator()

    def read(self, limit: int = 100) -> list[Record]:
        """The next records, at most `limit`; empty when there are none yet."""
        try:
            answer = self._client.get_records(ShardIterator=self._iterator, Limit=limit)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ExpiredIteratorException":
                raise
            # An iterator lives for 15 minutes: a laptop that slept longer comes back with a dead one.
            self._iterator = self._new_iterator()
            answer = self._client.get_records(ShardIterator=self._iterator, Limit=limit)
        records: list[Record] = [dict(record) for record in answer["Records"]]
        self._iterator = answer["NextShardIterator"]
        if records:
            self._last = records[-1]["dynamodb"]["SequenceNumber"]
        return records

    def _new_iterator(self) -> str:
        request: GetShardIteratorInputTypeDef = {
            "StreamArn": self.arn,
            "ShardId": self._shard,
            "ShardIteratorType": self._start,
        }
        if self._last is not None:
            request |= {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._last}
        return self._client.get_shard_iterator(**request)["ShardIterator"]
