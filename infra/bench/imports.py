"""What a cold start has to import, beside the same without us. Both from compiled files, each in its own process."""

import subprocess
import sys
import time

BARE = "import chalice, pydantic, pynamodb.models\nclass M(pydantic.BaseModel):\n    x: int"
OURS = "import app"
_ROUNDS = 40


def best(env: dict[str, str], beside: str = BARE) -> tuple[float, float]:
    """Milliseconds of the fastest of several fresh processes: without us (or another code `beside` ours), with us.

    In turns, so that what else the machine does falls on both.
    """
    bare = ours = float("inf")
    for _ in range(_ROUNDS):
        bare = min(bare, _took(beside, env))
        ours = min(ours, _took(OURS, env))
    return bare, ours


def _took(code: str, env: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=env)  # noqa: S603 - our own two lines
    return (time.perf_counter() - began) * 1000
