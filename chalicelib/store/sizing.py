"""How large the table is: for whoever walks all of it and has to say how far they are."""

from chalicelib.store.client import client, table_name


def table_size() -> int:
    """About how many items the table has: DynamoDB counts every six hours."""
    return int(client().describe_table(TableName=table_name())["Table"]["ItemCount"])
