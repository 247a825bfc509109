"""What IAM calls an operation, and on what: the facts of AWS that the reader cannot know.

An operation that is not here has to be added before any function may use it: the reader refuses it by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Target = Literal["table", "every table", "parameter", "secret", "phone", "mail", "file", "bucket"]

FILE_FOLDERS = ("quarantine", "public", "private")
"""The folders of the bucket: what clients send, what everybody sees, what only a signed address opens."""


@dataclass(frozen=True, slots=True)
class Action:
    name: str
    """`dynamodb:GetItem`."""
    target: Target


def _on(target: Target, *names: str) -> tuple[Action, ...]:
    return tuple(Action(name, target) for name in names)


_READ_FILE = (*_on("file", "s3:GetObject"), *_on("bucket", "s3:ListBucket"))
"""Without ListBucket S3 answers 403 for what is not there, and nobody could tell that from a refusal."""

ACTIONS: dict[tuple[str, str], tuple[Action, ...]] = {
    **{
        ("dynamodb", name): _on("table", f"dynamodb:{name}")
        for name in (
            *("GetItem", "BatchGetItem", "Query", "Scan"),
            *("PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem", "BatchWriteItem"),
            *("DescribeTable", "DescribeContinuousBackups", "CreateBackup"),
        )
    },
    ("dynamodb", "ListBackups"): _on("every table", "dynamodb:ListBackups"),
    ("dynamodb", "TransactWriteItems"): (),  # authorised by its parts, each as the operation it is
    ("ssm", "GetParameter"): _on("parameter", "ssm:GetParameter"),
    ("secretsmanager", "GetSecretValue"): _on("secret", "secretsmanager:GetSecretValue"),
    ("sns", "Publish"): _on("phone", "sns:Publish"),
    ("sesv2", "SendEmail"): _on("mail", "ses:SendEmail"),
    ("s3", "HeadObject"): _READ_FILE,
    ("s3", "GetObject"): _READ_FILE,
    ("s3", "PutObject"): _on("file", "s3:PutObject"),
    ("s3", "CopyObject"): (*_READ_FILE, *_on("file", "s3:PutObject")),
    ("s3", "DeleteObject"): _on("file", "s3:DeleteObject"),
    ("s3", "CreateMultipartUpload"): _on("file", "s3:PutObject"),
    ("s3", "UploadPart"): _on("file", "s3:PutObject"),
    ("s3", "CompleteMultipartUpload"): _on("file", "s3:PutObject"),
    ("s3", "AbortMultipartUpload"): _on("file", "s3:AbortMultipartUpload"),
    ("s3", "ListParts"): _on("file", "s3:ListMultipartUploadParts"),
}

READERS = {"ssm": "parameter", "secret": "secret"}
"""How a setting in the template names where its secret is kept → what reading it is a matter of."""
