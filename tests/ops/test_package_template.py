"""The template that CloudFormation is given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.logs import saved_queries
from infra.package import build, lint
from infra.package.reading import of_type
from infra.tools.generated import DOCS

Template = dict[str, Any]
QUERY = "AWS::Logs::QueryDefinition"


def test_the_template_can_be_had_without_packing_the_bundle(final_template: Template) -> None:
    kinds = {resource["Type"] for resource in final_template["Resources"].values()}
    assert {"AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::ApiGateway::Stage"} <= kinds
    assert not any(kind.startswith("AWS::Serverless::") for kind in kinds)
    assert {"ApiUrl", "ApiId", "TableName", "TableStreamArn"} <= final_template["Outputs"].keys()
    assert {"Stage", "CodeBucket"} <= final_template["Parameters"].keys()


def test_it_is_far_from_what_cloudformation_refuses(final_template: Template) -> None:
    assert len(final_template["Resources"]) <= build.MOST_RESOURCES
    assert len(json.dumps(final_template, separators=(",", ":"))) <= build.MOST_TEMPLATE / 2
    assert len(final_template["Parameters"]) <= 200
    assert len(final_template["Outputs"]) <= 200


def test_a_property_that_does_not_exist_is_complained_of(tmp_path: Path) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"Kept": "for ever"}}
    assert "Kept" in lint.complaints({"Resources": {"Queue": queue}}, tmp_path)


@pytest.mark.ledger("S0-033")
def test_the_api_is_reached_over_https_alone_at_a_host_of_ones_own(final_template: Template) -> None:
    """The gateway has no plain HTTP. Whatever answers, it tells browsers to keep to HTTPS."""
    (_, api), *others = of_type(final_template, "AWS::ApiGateway::RestApi")
    assert not others
    assert api["Properties"]["Body"]["schemes"] == ["https"]
    answers = api["Properties"]["Body"]["x-amazon-apigateway-gateway-responses"]
    for kind, answer in answers.items():
        said = answer["responseParameters"]["gatewayresponse.header.Strict-Transport-Security"]
        assert "max-age=" in said, kind
    resources = final_template["Resources"]
    assert resources["ApiDomain"]["Properties"]["SecurityPolicy"] == "TLS_1_2"
    assert resources["ApiDomain"]["Properties"]["RegionalCertificateArn"] == {"Ref": "CertificateArn"}
    assert resources["ApiDomainPath"]["Properties"]["BasePath"] == "api"
    closed = api["Properties"]["DisableExecuteApiEndpoint"]
    assert closed == {"Fn::If": ["IsDefaultAddressClosed", True, False]}
    told = (DOCS / "stages.md").read_text(encoding="utf-8").partition("## A host of one's own")[2]
    for step in ("CertificateArn", "DomainTarget", "CloseDefaultAddress", "CloudFront"):
        assert step in told, step


def test_the_gateway_has_one_stage(final_template: Template) -> None:
    """A second one, which the translator makes unless told otherwise, would pass throttle and web ACL by."""
    assert [
        one["Properties"]["StageName"] for _, one in of_type(final_template, "AWS::ApiGateway::Stage")
    ] == ["api"]
    (deployment,) = (one for _, one in of_type(final_template, "AWS::ApiGateway::Deployment"))
    assert "StageName" not in deployment["Properties"]


def test_sign_in_is_bounded_for_each_address(final_template: Template) -> None:
    first, *managed = final_template["Resources"]["WebAcl"]["Properties"]["Rules"]
    rate = first["Statement"]["RateBasedStatement"]
    assert (rate["AggregateKeyType"], rate["Limit"]) == ("IP", {"Ref": "AuthRate"})
    assert rate["ScopeDownStatement"]["ByteMatchStatement"]["SearchString"] == "/v1/auth/"
    said = first["Action"]["Block"]["CustomResponse"]
    assert (said["ResponseCode"], said["ResponseHeaders"][0]["Name"]) == (429, "Retry-After")
    told = final_template["Resources"]["WebAcl"]["Properties"]["CustomResponseBodies"]["too_many"]["Content"]
    assert json.loads(told)["code"] == "rate_limited"
    assert [one["Name"] for one in managed] == ["known-bad-inputs", "common"]


def test_every_saved_query_is_offered_over_every_functions_log(final_template: Template) -> None:
    offered = {
        one["Properties"]["Name"]["Fn::Sub"]: one["Properties"] for _, one in of_type(final_template, QUERY)
    }
    assert set(offered) == {f"souk/${{Stage}}/{one.name}" for one in saved_queries()}
    functions = [name for name, _ in of_type(final_template, "AWS::Lambda::Function")]
    for one in offered.values():
        assert sorted(group["Ref"] for group in one["LogGroupNames"]) == sorted(
            f"{name}LogGroup" for name in functions
        )
