"""Answers that clients and proxies keep: the same bytes until the thing changes, and a tag that says so."""

import hashlib
from dataclasses import dataclass

from chalicelib.http.operations import RawAnswer


@dataclass(frozen=True, slots=True)
class Kept:
    text: str
    tag: str

    @classmethod
    def of(cls, text: str) -> "Kept":
        return cls(text, f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"')

    def unless(self, if_none_match: str, cache_control: str, **headers: str) -> RawAnswer:
        """The whole answer, or 304 for a client that has it."""
        headers |= {"Cache-Control": cache_control, "ETag": self.tag}
        if self.tag in if_none_match:
            return RawAnswer("", "", status=304, headers=headers)
        return RawAnswer(self.text, "application/json", headers=headers)
