"""API shapes of health."""

from typing import Literal

from chalicelib.http import View


class Health(View):
    status: Literal["ok"] = "ok"
