"""Floor 2: the front door. The only importer of Chalice beside `app.py`; knows no domain and no store.

Domains import `Routes`, the permissions and the schema bases from here. Their jobs import `http.jobs`: a request needs
none of it.
"""

from chalicelib.http.csv_pages import csv_page
from chalicelib.http.kept import Kept
from chalicelib.http.operations import Idempotent, RateLimit, Raw, RawAnswer, Routes
from chalicelib.http.permissions import CUSTOMER, CUSTOMER_OR_GUEST, PUBLIC, TOKENLESS, Permission, staff
from chalicelib.http.schemas import Body, Delta, ListOf, ListQuery, Query, Timestamp, View, left_out

__all__ = [
    "CUSTOMER",
    "CUSTOMER_OR_GUEST",
    "PUBLIC",
    "TOKENLESS",
    "Body",
    "Delta",
    "Idempotent",
    "Kept",
    "ListOf",
    "ListQuery",
    "Permission",
    "Query",
    "RateLimit",
    "Raw",
    "RawAnswer",
    "Routes",
    "Timestamp",
    "View",
    "csv_page",
    "left_out",
    "staff",
]
