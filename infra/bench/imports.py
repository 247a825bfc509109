"""What a cold start has to import, beside the same without us. Both from compiled files, each in its own process."""

import subprocess
import sys
import time

BARE = "import chalice, pydantic, pynamodb.models\nclass M(pydantic.BaseModel):\n    x: int"
OURS = "import app"
_ROUNDS = 7


def best(code: str, env: dict[str, str]) -> float:
    """Milliseconds of the fastest of several fresh processes."""
    fastest = float("inf")
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, env=env)  # noqa: S603 - our own two lines
        fastest = min(fastest, (time.perf_counter() - began) * 1000)
    return fastest
