"""Token buckets in this process: they cost nothing, and count only what came to this process.

A warm Lambda instance serves one request at a time, so this caps what one caller can make of an instance; the
gateway's throttle and the firewall's rate rule are what all instances share.
"""

import math
import threading
from collections import OrderedDict
from datetime import datetime

from chalicelib.core.errors import TooMany

_MOST = 20_000
"""Buckets that are kept, about 5 MB; the one that was asked longest ago goes first."""
_ROUNDING = 1e-6
"""Seconds: sums of binary fractions."""


class Buckets:
    """Each bucket is one number: when it will be full again, had nobody asked any more (GCRA)."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._full_at: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, what: str, subject: str, *, limit: int, window_seconds: int, now: datetime) -> None:
        """Take one of `limit` tokens, which come back evenly over the window.

        Raises TooMany with the seconds until the next token.
        """
        at, each = now.timestamp(), window_seconds / limit
        with self._lock:
            full_at = self._full_at.get((what, subject), at)
            if full_at > at + window_seconds:
                full_at = at  # the clock was set back: nothing can owe more than a whole bucket
            late = max(full_at, at) + each - at - window_seconds
            if late > _ROUNDING:
                raise TooMany(retry_after=math.ceil(late))
            self._full_at[what, subject] = max(full_at, at) + each
            self._full_at.move_to_end((what, subject))
            while len(self._full_at) > self._most:
                self._full_at.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._full_at.clear()

    def __len__(self) -> int:
        return len(self._full_at)
