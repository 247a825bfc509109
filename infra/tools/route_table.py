"""`make docs`: write the table from which a cold start mounts its paths, without importing who serves them."""

from __future__ import annotations

import json
import sys

from chalicelib.http.app import TABLE, table_of
from infra.tools import app, generated

PATH = TABLE


def text() -> str:
    return json.dumps(table_of(app.declared().rooms), indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(generated.run(PATH, text))
