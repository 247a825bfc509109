"""Each function may do what its code reaches, on the resources of its own stage, and nothing more."""

import ast
import copy
import json
from typing import Any

import pytest

from infra.local.template import load
from infra.package import chalice_step
from infra.reach import actions, closure, grants, iam, never
from infra.reach.program import Program, Unreadable
from infra.reach.uses import Use
from infra.tools import code, policies
from infra.tools.code import Module
from tests.permitted import policy_of

FUNCTIONS = tuple(closure.ways_in())
STAGES = ("dev", "test", "staging")
TABLE = {"Fn::GetAtt": ["SoukTable", "Arn"]}


def config() -> dict[str, Any]:
    stages = json.loads((policies.FOLDER / "config.json").read_text(encoding="utf-8"))["stages"]
    stage: dict[str, Any] = stages[chalice_step.STAGE]
    return stage


@pytest.fixture
def planted() -> iam.Policy:
    """The policy of a job, for a test to put something into."""
    return copy.deepcopy(policy_of("kyc_expiry"))


def put(policy: iam.Policy, action: str, resource: Any) -> list[str]:
    """What the comparison says once a statement is added."""
    policy["Statement"].append({"Effect": "Allow", "Action": action, "Resource": resource})
    return iam.differences(policy, grants.policy("kyc_expiry"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_policy_grants_what_the_code_reaches_and_nothing_else(function: str) -> None:
    assert iam.differences(policy_of(function), grants.policy(function)) == []
    assert policies.path_of(function).read_text(encoding="utf-8") == policies.text(function), (
        "run `make docs`"
    )


def test_every_function_has_a_policy_of_its_own_and_every_policy_a_function() -> None:
    stage = config()
    named = {closure.API: stage} | stage["lambda_functions"]
    assert named.keys() == set(FUNCTIONS)
    assert {name: one["iam_policy_file"] for name, one in named.items()} == {
        name: policies.path_of(name).name for name in FUNCTIONS
    }
    assert policies.strays() == []


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("dynamodb:DeleteItem", TABLE),
        ("dynamodb:*", TABLE),
        ("dynamodb:Query", {"Fn::Sub": "${SoukTable.Arn}/index/by_owner"}),
        ("dynamodb:Query", {"Fn::Sub": "${SoukTable.Arn}/index/*"}),
        ("dynamodb:GetItem", "*"),
        ("ssm:GetParameter", {"Fn::Sub": "arn:aws:ssm:eu-west-1:1:parameter/souk/${Stage}/jwt-keys"}),
        ("lambda:InvokeFunction", "*"),
    ],
)
def test_one_grant_too_many_is_told(planted: iam.Policy, action: str, resource: Any) -> None:
    assert put(planted, action, resource) == [
        f"may {action} on {iam.spelled(resource)}, and never does",
    ]


def test_one_grant_too_few_is_told(planted: iam.Policy) -> None:
    table = next(one for one in planted["Statement"] if one["Sid"] == "Table")
    table["Action"].remove("dynamodb:PutItem")
    assert iam.differences(planted, grants.policy("kyc_expiry")) == [
        "needs dynamodb:PutItem on ${SoukTable.Arn}, and may not"
    ]


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Deny", "Action": "dynamodb:Scan", "Resource": "*"},
        {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"Bool": {}}},
    ],
)
def test_what_the_comparison_does_not_understand_it_refuses(planted: iam.Policy, statement: Any) -> None:
    planted["Statement"].append(statement)
    with pytest.raises(ValueError, match=r"judge|allowed"):
        iam.differences(planted, grants.policy("kyc_expiry"))


def test_one_more_call_in_the_code_asks_for_one_more_action() -> None:
    """Deep below a job, in a function that others share: the reading has to notice, and to say by which way."""
    before = "def write(tx: Transaction, case: Kyc) -> None:"
    after = f'from chalicelib.store.client import call\n{before}\n    call("DeleteItem")'

    def changed(module: Module) -> Module:
        if module.name != "chalicelib.kyc.service":
            return module
        text = module.path.read_text(encoding="utf-8")
        assert before in text
        return Module(module.name, module.path, ast.parse(text.replace(before, after)))

    reader = closure.Reader(Program([changed(module) for module in code.modules()]))
    found = reader.reach(closure.ways_in()["kyc_expiry"])
    deleted = Use("dynamodb", "DeleteItem")
    assert set(found.uses) - set(closure.reach("kyc_expiry").uses) == {deleted}
    assert found.way_to(deleted) == [
        "chalicelib.kyc.jobs.kyc_expiry",
        "chalicelib.kyc.expiring.expire",
        "chalicelib.kyc.service.write",
    ]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_may_do_what_none_of_them_should(function: str) -> None:
    assert never.breaches(function, policy_of(function)) == []
    table, place = iam.PLACE["SoukTable.Arn"], "eu-west-1:123456789012"
    for action, resource in (
        ("dynamodb:Scan", table),
        ("dynamodb:DeleteTable", table),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{place}:table/another"),
        ("lambda:InvokeFunction", f"arn:aws:lambda:{place}:function:souk-prod-order_timeout"),
        ("sts:AssumeRole", f"arn:aws:iam::{place}:role/souk-prod-api"),
        ("sns:Publish", f"arn:aws:sns:{place}:souk-alarms"),
        ("logs:PutLogEvents", f"arn:aws:logs:{place}:log-group:/aws/lambda/souk-prod-another:x"),
        ("s3:GetObject", "arn:aws:s3:::another/private/1"),
    ):
        excused = action in never.EXCEPTIONS.get(function, frozenset())
        assert excused or not iam.allows(policy_of(function), action, resource), action


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_may_read_another_stages_secrets(function: str) -> None:
    assert [arn for stage in STAGES for arn in never.others_secrets(policy_of(function), stage)] == []


def test_the_rules_for_all_functions_notice_who_breaks_them(planted: iam.Policy) -> None:
    for action, resource in (
        ("dynamodb:Scan", TABLE),
        ("dynamodb:Get*", TABLE),
        ("dynamodb:Query", {"Fn::Sub": "${SoukTable.Arn}/index/*"}),
        ("iam:PassRole", "arn:aws:iam::1:role/x"),
        ("ssm:GetParameter", "*"),
    ):
        put(planted, action, resource)
    assert len(never.breaches("kyc_expiry", planted)) == 5
    put(planted, "ssm:GetParameter", {"Fn::Sub": "arn:aws:ssm:eu-west-1:123456789012:parameter/souk/*"})
    assert len(never.others_secrets(planted, "staging")) == 2


def test_a_job_reads_only_the_secrets_it_uses() -> None:
    def reads(function: str, name: str) -> bool:
        arn = f"arn:aws:ssm:eu-west-1:123456789012:parameter/souk/prod/{name}"
        return iam.allows(policy_of(function), "ssm:GetParameter", arn)

    assert reads("api", "jwt-keys")
    assert reads("api", "secret-keys")
    assert not reads("stock_release", "jwt-keys")
    assert not reads("stock_release", "secret-keys")


def test_text_messages_leave_for_telephones_and_for_no_topic() -> None:
    policy = policy_of("table_stream")
    assert iam.allows(policy, "sns:Publish", "+8613800001111")
    assert not iam.allows(policy, "sns:Publish", "arn:aws:sns:eu-west-1:123456789012:souk-alarms")
    assert not iam.allows(policy_of("order_timeout"), "sns:Publish", "+8613800001111")


def test_an_operation_that_iam_is_not_asked_about_yet_is_refused_by_name() -> None:
    with pytest.raises(Unreadable, match=r"api reaches s3 PutBucketAcl: infra/reach/actions\.py"):
        grants.granted("api", Use("s3", "PutBucketAcl"))


def test_a_secret_whose_name_only_the_deployment_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    template = load()
    template["Globals"]["Function"]["Environment"]["Variables"]["SOUK_JWT_KEYS"] = {"Ref": "JwtKeys"}
    monkeypatch.setattr(grants, "load", lambda: template)
    with pytest.raises(Unreadable, match="must be named there"):
        grants.granted("api", Use("settings", "signing"))


def test_a_secret_is_granted_where_the_template_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    template = load()
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    variables["WECHAT_MINI_APP_SECRET"] = {"Fn::If": ["HasWechat", "secret:souk/wechat", ""]}
    monkeypatch.setattr(grants, "load", lambda: template)
    assert grants.granted("api", Use("settings", "wechat_secret")) == [
        (
            "secretsmanager:GetSecretValue",
            "Secrets",
            "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:souk/wechat-??????",
        )
    ]


def test_files_are_granted_folder_by_folder() -> None:
    granted = {resource for _, _, resource in grants.granted("api", Use("s3", "PutObject"))}
    assert granted == {f"${{UploadsBucket.Arn}}/{folder}/*" for folder in actions.FILE_FOLDERS}
    assert ("s3:ListBucket", "Bucket", "${UploadsBucket.Arn}") in grants.granted(
        "api", Use("s3", "HeadObject")
    )
