"""The four stages: one template, one bundle, and a file of parameters each."""

from __future__ import annotations

import json
from pathlib import Path

from infra.deploy.account import NotReady

STAGES = ("dev", "test", "staging", "prod")
FOLDER = Path(__file__).parents[1] / "stages"


def parameters(stage: str, folder: Path = FOLDER) -> dict[str, str]:
    """What `infra/stages/<stage>.json` sets; all else has the template's default. Raises NotReady."""
    path = folder / f"{stage}.json"
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotReady(f"there is no {path}: a stage is one of {', '.join(STAGES)}") from None
    except ValueError as error:
        raise NotReady(f"{path} is no JSON: {error}") from None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise NotReady(f'{path} must be one object of texts: {{"Parameter": "value"}}')
    return {"Stage": stage, **given}


def stack_name(stage: str) -> str:
    return f"souk-{stage}"
