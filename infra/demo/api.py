"""The shop's API as any client meets it: one request, one answer, and what it cost in the table."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass
from typing import Any, Self

HOST = "127.0.0.1"
_SECONDS = 30
_COST = re.compile(r"calls=(\d+); rru=([\d.e+]+); wru=([\d.e+]+)")


class NobodyAnswers(RuntimeError):
    """There is no shop at the address, or not any more. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Store calls, and the read and write request units they took."""

    calls: int = 0
    read_units: float = 0.0
    write_units: float = 0.0

    def __add__(self, other: Self) -> Cost:
        return Cost(
            self.calls + other.calls,
            self.read_units + other.read_units,
            self.write_units + other.write_units,
        )

    @staticmethod
    def parse(header: str | None) -> Cost:
        match = _COST.fullmatch(header or "")
        return Cost(int(match[1]), float(match[2]), float(match[3])) if match else Cost()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    is_replayed: bool
    cost: Cost

    @property
    def json(self) -> Any:
        return json.loads(self.text) if self.text else None


@dataclass(frozen=True, slots=True)
class Api:
    """The shop on this machine's `port`."""

    port: int

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def send(self, method: str, path: str, body: Any = None, *, token: str = "", key: str = "") -> Answer:
        """One request, `path` from `/v1` on. Raises NobodyAnswers."""
        headers = {"Content-Type": "application/json", "Accept-Language": "en", "X-Debug-Cost": "1"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        # http.client knows no proxies: none belongs between us and our own machine
        connection = http.client.HTTPConnection(HOST, self.port, timeout=_SECONDS)
        try:
            content = None if body is None else json.dumps(body).encode()
            connection.request(method, f"/api{path}", content, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise NobodyAnswers(
                f"nobody answers at {self.address} ({error}). Start the shop in another terminal: make run"
            ) from None
        finally:
            connection.close()
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        return Answer(answer.status, text, replayed, Cost.parse(answer.headers.get("X-Cost")))

    def check_in(self) -> None:
        """Raises NobodyAnswers unless what answers is a Souk."""
        answer = self.send("GET", "/v1/health")
        if answer.status != 200 or '"status":"ok"' not in answer.text.replace(" ", ""):
            raise NobodyAnswers(
                f"something answers at {self.address}, but it is no Souk: set PORT to the shop's"
            )
