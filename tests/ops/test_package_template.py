"""The template that CloudFormation is given."""

from typing import Any


def test_the_template_can_be_had_without_packing_the_bundle(final_template: dict[str, Any]) -> None:
    kinds = {resource["Type"] for resource in final_template["Resources"].values()}
    assert {"AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::ApiGateway::Stage"} <= kinds
    assert not any(kind.startswith("AWS::Serverless::") for kind in kinds)
    assert {"ApiUrl", "ApiId", "TableName", "TableStreamArn"} <= final_template["Outputs"].keys()
    assert {"Stage", "CodeBucket"} <= final_template["Parameters"].keys()
