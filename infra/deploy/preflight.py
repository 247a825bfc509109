"""Before anything is touched: are we who we think we are, where we think we are, with everything that is needed?

Every finding is collected and shown at once, so that nobody mends one only to meet the next.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from chalicelib.core import settings
from chalicelib.core.settings import Misconfigured
from chalicelib.store.client import error_code
from infra.deploy import keys
from infra.deploy.account import Account, NotReady
from infra.deploy.stack import Stack

_UNRESERVED = 100
"""AWS keeps this much of an account's concurrency out of every reservation."""
_MOST_CODE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be deployed."""

    stage: str
    parameters: dict[str, str]
    reserved: int
    """Concurrency that the template's functions keep for themselves, if they are allowed to."""
    runtime: str


def check(account: Account, stack: Stack, plan: Plan) -> None:
    """Raises NotReady with everything that was found."""
    findings = list(_findings(account, stack, plan))
    if findings:
        raise NotReady("\n".join(["not ready:", *(f"  - {finding}" for finding in findings)]))


def _findings(account: Account, stack: Stack, plan: Plan) -> Iterator[str]:
    ours = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if plan.runtime != ours:
        yield f"the bundle was built for {plan.runtime} and this is {ours}: build it again"
    try:
        stack.require_ready()
    except NotReady as error:
        yield str(error)
    yield from _key_findings(account, plan.stage)
    yield from _quota_findings(account, plan)
    yield from _mail_findings(account, plan.parameters)
    if plan.parameters.get("WechatMiniAppId") and not keys.is_set(account, plan.stage, "wechat-secret"):
        yield f"WechatMiniAppId is set, and its secret is not: put it into {keys.path(plan.stage, 'wechat-secret')}"
    if plan.stage == "prod" and plan.parameters.get("Sandbox") == "on":
        yield "Sandbox is on for prod: everybody could pay with nothing"
    if plan.parameters.get("Alarms") == "yes" and not plan.parameters.get("AlarmMail"):
        yield f"alarms are on and AlarmMail is empty: say in infra/stages/{plan.stage}.json who is to be told"


def _key_findings(account: Account, stage: str) -> Iterator[str]:
    missing = keys.missing(account, stage)
    for name in missing:
        yield f"the key {name} is not set: make keys STAGE={stage}"
    if missing:
        return
    values = keys.values(account, stage)
    try:
        settings.read(
            {
                "SOUK_STAGE": stage,
                "SOUK_TABLE": "-",
                "SOUK_JWT_KEYS": values["jwt-keys"],
                "SOUK_SECRET_KEYS": values["secret-keys"],
            }
        )
    except Misconfigured as error:
        yield f"a key under /souk/{stage}/ cannot be used: {error}"


def _quota_findings(account: Account, plan: Plan) -> Iterator[str]:
    limits = account.client("lambda").get_account_settings()
    most, used = limits["AccountLimit"], limits.get("AccountUsage", {})
    free = int(most.get("UnreservedConcurrentExecutions", most["ConcurrentExecutions"]))
    free += _held(account, plan.stage)
    if plan.parameters.get("ReserveForJobs") == "yes" and free - plan.reserved < _UNRESERVED:
        yield (
            f"the jobs want {plan.reserved} of Lambda's concurrency and this account has {free} left, of which "
            f"{_UNRESERVED} must stay: ask AWS for a higher limit, or set ReserveForJobs to no for this stage"
        )
    if used.get("TotalCodeSize", 0) > _MOST_CODE_SHARE * most["TotalCodeSize"]:
        yield "the account's space for functions' code is nearly full: remove old versions of other functions"


def _held(account: Account, stage: str) -> int:
    """What the stage's own functions hold already, and would hold again."""
    client, held = account.client("lambda"), 0
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            if function["FunctionName"].startswith(f"souk-{stage}-"):
                answer = client.get_function_concurrency(FunctionName=function["FunctionName"])
                held += int(answer.get("ReservedConcurrentExecutions", 0))
    return held


def _mail_findings(account: Account, parameters: dict[str, str]) -> Iterator[str]:
    if parameters.get("Mail") != "ses":
        return
    sender = parameters.get("MailFrom", "")
    if not sender:
        yield "Mail is ses and MailFrom is empty: say which address mail comes from"
        return
    for identity in (sender, sender.partition("@")[2]):
        try:
            found = account.client("sesv2").get_email_identity(EmailIdentity=identity)
        except ClientError as error:
            if error_code(error) != "NotFoundException":
                raise
            continue
        if found.get("VerifiedForSendingStatus"):
            return
    yield f"SES does not know {sender} as verified, nor its domain: verify one of them first"
