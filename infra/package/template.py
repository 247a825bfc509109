"""The whole stack: Chalice's functions and the resources they need, finished and in plain CloudFormation."""

from __future__ import annotations

from typing import Any

from infra.package import functions, gateway, roles, rollout
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
    roles.finish(finished)
    rollout.add(finished, [])
    del named
    return template


def _finish_api(resources: dict[str, Any]) -> None:
    function = resources[gateway.FUNCTION]["Properties"]
    function["AutoPublishAlias"] = gateway.ALIAS
    api = resources[gateway.API]["Properties"]
    binary = api["DefinitionBody"].get("x-amazon-apigateway-binary-media-types", [])
    api["DefinitionBody"] = gateway.definition(binary)
    api["TracingEnabled"] = True
    api["MethodSettings"] = [{"ResourcePath": "/*", "HttpMethod": "*", "MetricsEnabled": True, **THROTTLE}]
    resources["APIHandlerInvokePermission"]["Properties"]["FunctionName"] = {"Ref": gateway.ALIAS_ID}


def _outputs(chalice: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in chalice.items() if name in ("TableName", "TableStreamArn")}
    url = f"https://${{{gateway.API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{gateway.STAGE}"
    return {
        **kept,
        "ApiUrl": {"Description": "The API's address", "Value": {"Fn::Sub": url}},
        "ApiId": {"Value": {"Ref": gateway.API}},
    }
