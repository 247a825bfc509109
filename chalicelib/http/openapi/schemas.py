"""The JSON schemas of all models of the API."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chalicelib.http.openapi.examples import Examples
from chalicelib.http.openapi.fields import descriptions
from chalicelib.http.operations import Operation

Json = dict[str, Any]
Direction = Literal["validation", "serialization"]
"""What comes in, and what goes out: one model may look different in each."""
REFERENCE = "#/components/schemas/{model}"


class Schemas:
    """Made in one call for all models, so that two models of one name get two names."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        wanted: dict[tuple[type[BaseModel], Direction], None] = {}
        for op in operations:
            for model in (op.body, op.query):
                if model is not None:
                    wanted[(model, "validation")] = None
            if op.answer is not None:
                wanted[(op.answer, "serialization")] = None
        self._references, made = models_json_schema(list(wanted), ref_template=REFERENCE)
        self._made: dict[str, Json] = made.get("$defs", {})
        self._describe([model for model, _ in wanted])
        self._queries = {self._name(op.query, "validation") for op in operations if op.query is not None}

    def _describe(self, models: list[type[BaseModel]]) -> None:
        for name, said in descriptions(models).items():
            fields = self._made.get(name, {}).get("properties", {})
            for field in fields.keys() & said.keys():
                fields[field].setdefault("description", said[field])

    def _name(self, model: type[BaseModel], direction: Direction) -> str:
        return str(self.reference(model, direction)["$ref"]).rpartition("/")[2]

    def reference(self, model: type[BaseModel], direction: Direction) -> Json:
        return self._references[(model, direction)]

    def of(self, model: type[BaseModel], direction: Direction) -> Json:
        return self._made[self._name(model, direction)]

    def example(self, model: type[BaseModel], direction: Direction) -> Any:
        return Examples(self._made).of(self.reference(model, direction))

    def components(self) -> dict[str, Json]:
        """Without the queries, whose fields are parameters of their own."""
        return {name: schema for name, schema in self._made.items() if name not in self._queries}
