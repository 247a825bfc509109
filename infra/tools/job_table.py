"""`make docs`: write the table from which the API's function lists the jobs, without importing who does them."""

from __future__ import annotations

import json
import sys

from chalicelib.http.schedule import TABLE, table_of
from infra.tools import app, generated

PATH = TABLE


def text() -> str:
    app.declared()
    from app import WITH_JOBS

    return json.dumps(table_of(f"chalicelib.{domain}.jobs" for domain in WITH_JOBS), indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(generated.run(PATH, text))
