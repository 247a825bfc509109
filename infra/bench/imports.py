"""What a cold start has to import, beside the same without us. Both from compiled files, each in its own process."""

import subprocess
import sys
import time

BARE = "import chalice, pydantic, pynamodb.models\nclass M(pydantic.BaseModel):\n    x: int"
OURS = "import app"
_ROUNDS = 15


def best(one: str, other: str, env: dict[str, str]) -> tuple[float, float]:
    """Milliseconds of the fastest of several fresh processes of each.

    In turns, so that what else the machine does falls on both.
    """
    rounds = [(_took(one, env), _took(other, env)) for _ in range(_ROUNDS)]
    return min(took for took, _ in rounds), min(took for _, took in rounds)


def _took(code: str, env: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=env)  # noqa: S603 - our own two lines
    return (time.perf_counter() - began) * 1000
