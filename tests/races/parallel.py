"""Many at once: each piece of work in its own thread, all let go together."""

import contextvars
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def at_once(works: Sequence[Callable[[], T]]) -> list[T]:
    """Run all of them at the same moment; answers in their order. An exception of any is raised."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        gate.wait(timeout=30)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        jobs = [pool.submit(contextvars.copy_context().run, run, work) for work in works]
        return [job.result(timeout=120) for job in jobs]
