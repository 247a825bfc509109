"""How large the table is: for whoever walks all of it and has to say how far they are."""

from chalicelib.store.client import client, table_name


def table_size(table: str | None = None) -> int:
    """About how many items the table has: DynamoDB counts every six hours."""
    return int(client().describe_table(TableName=table or table_name())["Table"]["ItemCount"])
