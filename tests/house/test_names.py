"""Names of what stands around the code come from one place: the settings."""

import ast
import re

import pytest

from chalicelib.core.settings import Misconfigured, read
from infra.tools import code

LOOK_LIKE_NAMES = {
    # what Chalice wants to be told of a stream; packaging puts the table's own in its place
    "chalicelib.http.jobs: arn:aws:dynamodb:us-east-1:000000000000:table/souk/stream/2026-01-01T00:00:00.000",
    "chalicelib.identity.access_tokens: souk-api",  # whom a token is for
    "chalicelib.identity.bootstrap: souk-local-admin",  # a password that is refused elsewhere
    "chalicelib.payments.providers.sandbox: souk-sandbox",  # the merchant
}


@pytest.mark.ledger("S1-002")
def test_no_table_queue_function_or_bucket_is_named_in_the_code() -> None:
    """Every such name comes from the settings; the code holds none, and asks nobody but `core.settings` for one."""
    asking = {
        f"{module.name}:{node.lineno}"
        for module in code.modules()
        if module.name != "chalicelib.core.settings"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
    }
    assert {one.partition(":")[0] for one in asking} <= {
        "chalicelib.core.log",  # under which name metrics are told
        "chalicelib.core.origin",  # the trace that Lambda is in
        "chalicelib.http.app",  # whether Lambda runs us
        "chalicelib.identity.bootstrap",  # the first admin of a local shop
    }, asking
    resource = re.compile(r"^(?:souk-[\w-]+|arn:aws[\w-]*:.*|https://sqs\..*|s3://.*)$")
    constants = {
        f"{module.name}: {node.value}"
        for module in code.modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and resource.match(node.value)
    }
    assert constants == LOOK_LIKE_NAMES
    named = {
        f"{module.name}:{node.value.lineno}"
        for module in code.modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.keyword)
        and node.arg in ("TableName", "QueueUrl", "FunctionName", "Bucket", "TopicArn")
        and isinstance(node.value, ast.Constant)
    }
    assert not named


@pytest.mark.ledger("S1-002")
@pytest.mark.parametrize("name", ["SOUK_STAGE", "SOUK_TABLE", "SOUK_JWT_KEYS", "SOUK_SECRET_KEYS"])
def test_a_process_that_is_told_no_name_says_which_one_it_misses(name: str) -> None:
    told = {
        "SOUK_STAGE": "dev",
        "SOUK_TABLE": "some-table",
        "SOUK_JWT_KEYS": "a:" + "k" * 32,
        "SOUK_SECRET_KEYS": "a:" + "A" * 43,
    }
    assert read(told).table == "some-table"
    with pytest.raises(Misconfigured, match=name):
        settings = read({**told, name: ""})
        assert settings.jwt_keys
        assert settings.secret_keys
