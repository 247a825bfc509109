"""The whole stack: Chalice's functions and the resources they need, finished and in plain CloudFormation."""

from __future__ import annotations

from typing import Any

from infra.local.template import load
from infra.package import alarms, buckets, dashboard, functions, gateway, live_table, queries, roles, rollout
from infra.package.translate import translate

THROTTLE = {"ThrottlingRateLimit": {"Ref": "ApiRate"}, "ThrottlingBurstLimit": {"Ref": "ApiBurst"}}


def compose(packaged: dict[str, Any], code_key: str) -> dict[str, Any]:
    """From what Chalice packaged to what CloudFormation is given. Raises TranslationFailed."""
    resources = packaged["Resources"]
    _finish_api(resources)
    functions.finish(resources, code_key)
    named = functions.names(resources)
    packaged["Outputs"] = _outputs(packaged.get("Outputs", {}))
    template = translate(packaged)
    finished = template["Resources"]
    _finish_gateway(finished)
    roles.finish(finished)
    buckets.add_policies(finished)
    rollout.add(finished, alarms.add_all(finished, named))
    dashboard.add(finished, named)
    queries.add_all(finished, [f"{logical}LogGroup" for logical in named])
    for logical, resource in finished.items():
        if logical != live_table.TABLE:
            resource["Properties"] = live_table.choose(resource.get("Properties", {}))
    template["Outputs"] = live_table.choose(template["Outputs"])
    return template


def _finish_api(resources: dict[str, Any]) -> None:
    function = resources[gateway.FUNCTION]["Properties"]
    function["AutoPublishAlias"] = gateway.ALIAS
    api = resources[gateway.API]["Properties"]
    binary = api["DefinitionBody"].get("x-amazon-apigateway-binary-media-types", [])
    api["DefinitionBody"] = gateway.definition(binary)
    # without it the translator makes a second stage, called Stage, which nothing throttles
    api["OpenApiVersion"] = "2.0"
    api["TracingEnabled"] = True
    api["MethodSettings"] = [{"ResourcePath": "/*", "HttpMethod": "*", "MetricsEnabled": True, **THROTTLE}]
    resources["APIHandlerInvokePermission"]["Properties"]["FunctionName"] = {"Ref": gateway.ALIAS_ID}


def _finish_gateway(resources: dict[str, Any]) -> None:
    """What the translator takes no condition for."""
    resources[gateway.API]["Properties"]["DisableExecuteApiEndpoint"] = {
        "Fn::If": ["IsDefaultAddressClosed", True, False]
    }
    # closing takes effect when something of the stage changes, too
    resources[gateway.STAGE_ID]["Properties"]["Description"] = {
        "Fn::If": [
            "IsDefaultAddressClosed",
            "answers at its own host alone",
            "answers at its default address",
        ]
    }
    resources[gateway.STAGE_ID]["Properties"]["AccessLogSetting"] = {
        "Fn::If": [
            "HasAccessLog",
            {
                "DestinationArn": {"Fn::GetAtt": ["AccessLogGroup", "Arn"]},
                "Format": gateway.ACCESS_LOG,
            },
            {"Ref": "AWS::NoValue"},
        ]
    }


def _outputs(chalice: dict[str, Any]) -> dict[str, Any]:
    """Chalice's own outputs name things of its own; those of infra/resources.yaml, and the API's, are ours."""
    url = f"https://${{{gateway.API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{gateway.STAGE}"
    return {
        **{name: value for name, value in chalice.items() if name in _ours()},
        "ApiUrl": {
            "Description": "The API's address",
            "Value": {
                "Fn::If": [
                    "IsDefaultAddressClosed",
                    {"Fn::Sub": "https://${DomainName}/api"},
                    {"Fn::Sub": url},
                ]
            },
        },
        "ApiId": {"Value": {"Ref": gateway.API}},
    }


def _ours() -> set[str]:
    return set(load()["Outputs"])
