"""The soak as a person would run it, shortly: on the emulator, with faults and kills, in processes of its own."""

import json
import random
import re
import subprocess
import sys
from typing import Any

import pytest

from infra.bench.shop import BenchShop
from infra.soak import __main__ as soak
from infra.soak.trade import Client, Refused, Tally
from infra.tools.generated import ROOT


@pytest.mark.emulator
def test_a_short_soak_with_faults_and_kills_leaves_the_books_right() -> None:
    words = "-m infra.soak --minutes 0.15 --kill-each 3 --seed 7".split()
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (kills,) = re.findall(r"(\d+) kills, ", done.stdout)
    (faults,) = re.findall(r"([\d,]+) faults", done.stdout)
    assert int(kills) >= 1
    assert int(faults.replace(",", "")) >= 1
    assert "events not delivered: 0; findings of the proof: 0" in done.stdout


class Moody(BenchShop):
    """Answers what it is told to, in turn."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self._answers = list(answers)

    def answer(self, *_: object, **__: object) -> dict[str, Any]:
        status, body = self._answers.pop(0)
        return {"statusCode": status, "body": body}


class Always(random.Random):
    def random(self) -> float:
        return 0.0


def test_a_repetition_that_is_answered_otherwise_is_a_failure() -> None:
    tally = Tally()
    shop = Moody((201, '{"id": "a"}'), (201, '{"id": "b"}'))
    Client(shop, tally, Always()).ask("POST", "/v1/orders", {})
    assert len(tally.failures) == 1
    assert tally.replays == 1


def test_a_fault_of_ours_is_a_failure_and_a_refusal_of_business_is_none() -> None:
    tally = Tally()
    shop = Moody((503, ""), (500, '{"code": "internal"}'), (409, '{"code": "out_of_stock"}'))
    for _ in range(2):
        with pytest.raises(Refused):
            Client(shop, tally, Always()).ask("GET", "/v1/cart")
    assert [one.partition(": ")[2][:3] for one in tally.failures] == ["500"]
    assert tally.outcomes == {"busy, repeated": 1, "FAILED": 1, "out_of_stock": 1}


def test_what_did_not_hold_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    found = soak.Sum()
    told = {"outcomes": {"done": 3}, "milliseconds": [1, 2, 90], "failures": [], "replays": 0, "faults": 0}
    for kib in (1000, 1000, 1000, 1000 + soak.MOST_GROWTH * 2048):
        found.add(json.dumps({**told, "kib": kib}), elder=True)
    assert [one.partition(" ")[0] for one in soak.tell(found, 1, left=1, broken=2)] == ["1", "2", "memory"]
    assert (found.at(0.5), found.at(1)) == (2, 90)
    assert "12 requests in 1 s" in capsys.readouterr().out
    assert soak.tell(soak.Sum(), 1, 0, 0) == ["no request was answered"]
