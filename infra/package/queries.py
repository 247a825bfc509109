"""The saved queries of infra/logs/queries.yaml, where the console of a stage offers them."""

from __future__ import annotations

from typing import Any

from infra.logs import saved_queries
from infra.package.alarm_making import camel


def add_all(resources: dict[str, Any], log_groups: list[str]) -> None:
    """Put each query into `resources`, over these log groups (logical ids)."""
    for one in saved_queries():
        words = "_".join("".join(sign if sign.isalnum() else " " for sign in one.name).split())
        resources[f"Query{camel(words)}"] = {
            "Type": "AWS::Logs::QueryDefinition",
            "Properties": {
                "Name": {"Fn::Sub": f"souk/${{Stage}}/{one.name}"},
                "QueryString": one.query,
                "LogGroupNames": [{"Ref": group} for group in log_groups],
            },
        }
