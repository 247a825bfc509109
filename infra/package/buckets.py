"""A policy for each bucket: nothing comes or goes without TLS."""

from __future__ import annotations

from typing import Any


def add_policies(resources: dict[str, Any]) -> None:
    """Give every bucket that has no policy one. A bucket with a policy of its own says this in it."""
    guarded = [
        one["Properties"]["Bucket"]["Ref"]
        for one in resources.values()
        if one["Type"] == "AWS::S3::BucketPolicy"
    ]
    for logical, one in list(resources.items()):
        if one["Type"] == "AWS::S3::Bucket" and logical not in guarded:
            resources[f"{logical}Policy"] = _over_tls_alone(logical)


def _over_tls_alone(bucket: str) -> dict[str, Any]:
    arn = f"arn:${{AWS::Partition}}:s3:::${{{bucket}}}"
    return {
        "Type": "AWS::S3::BucketPolicy",
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "Bucket": {"Ref": bucket},
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "OverTlsAlone",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": [{"Fn::Sub": arn}, {"Fn::Sub": f"{arn}/*"}],
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            },
        },
    }
