"""`make openapi`: write docs/openapi.json from the operations."""

from __future__ import annotations

import json
import sys

from infra.tools import app, generated

PATH = generated.DOCS / "openapi.json"


def text() -> str:
    """The OpenAPI document, indented so that a change of the API is a readable diff."""
    return json.dumps(app.declared().describe(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(generated.run(PATH, text))
