"""Four stages of one template: what differs between them is the values of parameters, and stands in four files."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from infra.local import template
from infra.local.intrinsics import holds, resolve
from infra.package import live_table
from infra.tools.generated import ROOT

Template = dict[str, Any]
STAGES = {
    path.stem: json.loads(path.read_text("utf-8")) for path in (ROOT / "infra" / "stages").glob("*.json")
}
OF_THE_ACCOUNT = {"CodeBucket"}
"""Given by whoever deploys: no stage could name it for every account."""


@pytest.mark.ledger("S2-001", "S0-030", "S1-013")
def test_there_are_four_stages_and_each_gives_every_parameter(final_template: Template) -> None:
    assert set(STAGES) == set(final_template["Parameters"]["Stage"]["AllowedValues"])
    for stage, values in STAGES.items():
        assert values["Stage"] == stage
        assert set(values) == final_template["Parameters"].keys() - OF_THE_ACCOUNT


@pytest.mark.ledger("S2-001", "S1-013")
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_gives_values_and_nothing_else(stage: str, final_template: Template) -> None:
    for name, value in STAGES[stage].items():
        parameter = final_template["Parameters"][name]
        assert isinstance(value, str), "as CloudFormation takes parameters"
        assert value in map(str, parameter.get("AllowedValues", [value]))
        if parameter["Type"] == "Number":
            assert float(value) >= parameter.get("MinValue", 0)


@pytest.mark.ledger("S2-001", "S0-030")
def test_nothing_else_than_parameters_can_tell_a_stage(final_template: Template) -> None:
    assert final_template.get("Mappings", {}) == {}
    for name, condition in final_template["Conditions"].items():
        assert '"Stage"' not in json.dumps(condition), name


@pytest.mark.ledger("S0-030")
def test_each_stage_reads_secrets_of_its_own(final_template: Template) -> None:
    for name, function in functions(final_template).items():
        variables = function["Environment"]["Variables"]
        assert variables["SOUK_STAGE"] == {"Ref": "Stage"}, name
        assert variables["SOUK_JWT_KEYS"] == {"Fn::Sub": "ssm:/souk/${Stage}/jwt-keys"}, name
        assert variables["SOUK_SECRET_KEYS"] == {"Fn::Sub": "ssm:/souk/${Stage}/secret-keys"}, name
        assert variables["SOUK_METRIC_NAMESPACE"] == {"Fn::Sub": "Souk/${Stage}"}, name


def functions(final_template: Template) -> dict[str, Any]:
    return {
        name: one["Properties"]
        for name, one in final_template["Resources"].items()
        if one["Type"] == "AWS::Lambda::Function"
    }


def chosen(final_template: Template, stage: str, **changed: str) -> dict[str, bool]:
    """Every condition of the template, as a stage's values decide it."""
    given = {**STAGES[stage], **changed}
    return {name: holds(name, final_template, given) for name in final_template["Conditions"]}


def test_what_sells_is_protected_watched_and_backed_up(final_template: Template) -> None:
    for stage in ("staging", "prod"):
        held = chosen(final_template, stage)
        assert held["IsTableProtected"]
        assert held["HasAlarms"]
        assert held["HasBackups"]
    assert chosen(final_template, "prod")["HasWaf"]
    assert STAGES["prod"]["Sandbox"] == "off"
    assert STAGES["prod"]["RolloutPace"] != "CodeDeployDefault.LambdaAllAtOnce"


def test_what_only_tries_pays_for_neither_alarms_nor_a_web_acl(final_template: Template) -> None:
    for stage in ("dev", "test"):
        held = chosen(final_template, stage)
        assert not held["HasAlarms"]
        assert not held["HasWaf"]
        assert not held["HasDashboard"]


@pytest.mark.ledger("S2-003")
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_a_budget_that_warns_by_mail(stage: str, final_template: Template) -> None:
    assert chosen(final_template, stage, AlarmMail="ops@example.com")["HasBudget"]
    budget = final_template["Resources"]["Budget"]["Properties"]
    limit = resolve(budget["Budget"]["BudgetLimit"], final_template, STAGES[stage])
    assert float(limit["Amount"]) > 0
    warned = {
        (one["Notification"]["NotificationType"], one["Notification"]["Threshold"])
        for one in budget["NotificationsWithSubscribers"]
        if one["Subscribers"] == [{"SubscriptionType": "EMAIL", "Address": {"Ref": "AlarmMail"}}]
    }
    assert warned == {("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)}


@pytest.mark.parametrize(("amount", "mail"), [("0", "ops@example.com"), ("10", "")])
def test_no_budget_without_an_amount_and_somebody_to_tell(
    amount: str, mail: str, final_template: Template
) -> None:
    assert not chosen(final_template, "prod", BudgetAmount=amount, AlarmMail=mail)["HasBudget"]


def test_the_table_is_backed_up_each_day_and_each_month(final_template: Template) -> None:
    plan = final_template["Resources"]["BackupPlan"]["Properties"]["BackupPlan"]
    kept = {
        one["RuleName"]: (one["ScheduleExpression"], resolve(one["Lifecycle"], final_template))
        for one in plan["BackupPlanRule"]
    }
    assert kept == {
        "daily": ("cron(0 18 * * ? *)", {"DeleteAfterDays": 35}),
        "monthly": ("cron(0 20 1 * ? *)", {"DeleteAfterDays": 365}),
    }
    assert final_template["Resources"]["BackupVault"]["DeletionPolicy"] == "RetainExceptOnCreate"


@pytest.mark.ledger("S0-013", "S4-011")
def test_backups_are_copied_where_another_vault_is_named(final_template: Template) -> None:
    assert not chosen(final_template, "prod")["CopiesBackups"]
    vault = "arn:aws:backup:eu-west-1:000000000000:backup-vault:far"
    assert chosen(final_template, "prod", BackupCopyVault=vault)["CopiesBackups"]
    for rule in final_template["Resources"]["BackupPlan"]["Properties"]["BackupPlan"]["BackupPlanRule"]:
        assert "BackupCopyVault" in json.dumps(rule["CopyActions"])


def test_on_a_restored_table_nothing_uses_the_stacks_own(final_template: Template) -> None:
    """Functions, permissions, stream, alarms, dashboard, backups, outputs: all follow one parameter."""
    own = re.compile(r'"SoukTable"|\$\{SoukTable\b')
    others = {
        **{name: one for name, one in final_template["Resources"].items() if name != live_table.TABLE},
        **final_template["Outputs"],
    }
    chosen_parts = {name: json.dumps(in_use(one)) for name, one in others.items()}
    assert [name for name, text in chosen_parts.items() if own.search(text)] == []
    users = [name for name, text in chosen_parts.items() if "RestoredTable" in text]
    assert {"APIHandler", "TableStream", "ApiHandlerRole", "AlarmTableThrottles", "TableName"} <= set(users)


def in_use(part: Any) -> Any:
    """A part of the template as it is when a restored table is named."""
    if isinstance(part, list):
        return [in_use(one) for one in part]
    if not isinstance(part, dict):
        return part
    if set(part) == {"Fn::If"} and part["Fn::If"][0] == live_table.CONDITION:
        return in_use(part["Fn::If"][1])
    return {name: in_use(one) for name, one in part.items()}


def test_without_a_restored_table_all_is_the_stacks_own(final_template: Template) -> None:
    table = functions(final_template)["APIHandler"]["Environment"]["Variables"]["SOUK_TABLE"]
    assert table == {"Fn::If": [live_table.CONDITION, {"Ref": "RestoredTable"}, {"Ref": "SoukTable"}]}
    assert not any(chosen(final_template, stage)[live_table.CONDITION] for stage in STAGES)


@pytest.mark.ledger("S0-037")
def test_every_function_has_its_memory_time_and_number(final_template: Template) -> None:
    for name, function in functions(final_template).items():
        assert 128 <= function["MemorySize"] <= 3008, name
        assert 1 <= function["Timeout"] <= 900, name
        if name != "APIHandler":
            condition, reserved, without = function["ReservedConcurrentExecutions"]["Fn::If"]
            assert (condition, without) == ("ReserveConcurrency", {"Ref": "AWS::NoValue"}), name
            assert 1 <= reserved <= 20, name


def test_the_parameters_are_read_from_one_file(final_template: Template) -> None:
    assert final_template["Parameters"] == template.load()["Parameters"]


LEFT_ALONE = {
    "SOUK_IP_LIMIT_FACTOR": "for a developer's machine, where all callers share one address",
    "SOUK_IP_REQUESTS_PER_MINUTE": "the same wherever a process of one size answers",
    "SOUK_USER_REQUESTS_PER_MINUTE": "the same wherever a process of one size answers",
    "SOUK_MOST_OPEN_ORDERS": "a bound for every shop; each may set its own below it",
    "SOUK_MOST_RESERVED_UNITS": "a bound for every shop; each may set its own below it",
    "SOUK_PASSWORD_MEMORY_KIB": "as argon2 asks for; less is for tests",
    "SOUK_PHONE_COUNTRY": "the shop is at home in one country",
    "SOUK_ADMIN_LOGIN": "told to the command that makes the first admin, and to no function",
    "SOUK_ADMIN_PASSWORD": "told to the command that makes the first admin, and to no function",
    "WECHAT_API_BASE": "WeChat's own, but for a developer's machine",
}
"""Settings that no stage gives its functions: their default is meant for all."""


@pytest.mark.ledger("S0-030")
def test_every_setting_is_given_by_the_stage_or_left_alone_for_a_reason(final_template: Template) -> None:
    sources = [path.read_text("utf-8") for path in sorted((ROOT / "chalicelib").rglob("*.py"))]
    read = {name for text in sources for name in re.findall(r'"((?:SOUK|WECHAT)_[A-Z_]+)"', text)}
    for function in functions(final_template).values():
        assert function["Environment"]["Variables"].keys() == read - LEFT_ALONE.keys()
    assert LEFT_ALONE.keys() <= read


@pytest.mark.parametrize(
    ("row", "parameters"),
    [
        ("sandbox payments", ["Sandbox"]),
        ("requests a second, at once", ["ApiRate", "ApiBurst"]),
        ("alarms, dashboard", ["Alarms"]),
        ("web ACL", ["Waf"]),
        ("deletion protection of the table", ["DeletionProtection"]),
        ("logs are kept, days", ["LogRetentionDays"]),
        ("budget, US dollars a month", ["BudgetAmount"]),
    ],
)
def test_the_page_says_what_the_stages_say(row: str, parameters: list[str]) -> None:
    said = [
        ", ".join(STAGES[stage][name] for name in parameters) for stage in ("dev", "test", "staging", "prod")
    ]
    assert f"| {row} | {' | '.join(said)} |" in (ROOT / "docs" / "stages.md").read_text("utf-8")
