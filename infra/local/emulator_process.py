"""The emulator's process. It runs in `.venv-emulator`, so it imports nothing of ours.

It holds the reading end of a pipe whose writing end only its parent has. When the parent ends, in whatever
way, SIGKILL included, the pipe closes and this process group goes too. Unlike Linux's parent-death signal
this works on every system and does not depend on which thread of the parent started us.
"""

import os
import runpy
import signal
import sys
import threading


def _leave_with_the_parent() -> None:
    sys.stdin.buffer.read()
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_leave_with_the_parent, name="parent-watch", daemon=True).start()
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)
