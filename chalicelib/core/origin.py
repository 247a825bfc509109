"""Which request an item was last written by: two attributes in the item itself, so that it costs no call to know.

`rid` is the request's id, `xray` the trace it belongs to. The door joins its lines under both; the store stamps what is
written meanwhile; the stream and the jobs join theirs under what they find on the item in hand, and so stamp what they
write in turn with the request it all began with.
"""

import os
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from chalicelib.core import log

REQUEST = "rid"
TRACE = "xray"
"""On items that wait for somebody: a timer, an event."""
_ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_HEADER = "x-amzn-trace-id"


def trace_fields(headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """`trace_id` for `log.join`, from what Lambda says, else the gateway; nothing where neither traces."""
    said = os.environ.get("_X_AMZN_TRACE_ID") or (headers or {}).get(_HEADER, "")
    found = _ROOT.search(said)
    return {"trace_id": found[0]} if found else {}


def stamp(*, waits: bool) -> dict[str, Any]:
    """The attributes for an item written now, in DynamoDB's form. `waits`: a job or the stream will take it up."""
    said = {REQUEST: log.field("request_id"), TRACE: log.field("trace_id") if waits else ""}
    return {name: {"S": text} for name, text in said.items() if text}


def fields_of(image: Mapping[str, Any]) -> dict[str, str]:
    """What a stored item says of the request that wrote it, as fields of a log line."""
    said = {"request_id": image.get(REQUEST, {}).get("S"), "trace_id": image.get(TRACE, {}).get("S")}
    return {name: text for name, text in said.items() if text}


def joined(image: Mapping[str, Any]) -> AbstractContextManager[None]:
    """Have the lines inside the block joined under the request that wrote this item."""
    return log.joined(**fields_of(image))
