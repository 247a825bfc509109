"""One CloudFormation stack: change sets made, looked at, carried out and waited for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.store.client import error_code
from infra.deploy import changes
from infra.deploy.account import Account, NotReady
from infra.deploy.changes import Change

_PAUSE_SECONDS = 3.0
_EMULATORS_PAUSE = 0.3
_NOTHING = ("didn't contain changes", "No updates are to be performed")
_FAILED = ("ROLLBACK", "FAILED")

Tell = Callable[[str], None]


class StackFailed(RuntimeError):
    """CloudFormation could not do it, and has put back what was. The message holds its reasons."""


@dataclass(frozen=True, slots=True)
class Planned:
    name: str
    """The change set's."""
    creates: bool
    changes: list[Change]


class Stack:
    def __init__(self, account: Account, name: str) -> None:
        self._account = account
        self._client = account.client("cloudformation")
        self.name = name
        self._pause = _EMULATORS_PAUSE if account.endpoint else _PAUSE_SECONDS

    def describe(self) -> dict[str, Any] | None:
        """None where there is no such stack. One that was only ever planned counts as none."""
        try:
            found: dict[str, Any] = self._client.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if error_code(error) == "ValidationError":
                return None
            raise
        return None if found["StackStatus"] in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE") else found

    @property
    def status(self) -> str:
        """Empty where there is none."""
        found = self.describe()
        return str(found["StackStatus"]) if found else ""

    def outputs(self) -> dict[str, str]:
        found = self.describe() or {}
        return {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}

    def plan(self, template_url: str, parameters: dict[str, str], name: str) -> Planned | None:
        """A change set to look at; None where nothing would change. Raises StackFailed."""
        creates = self.describe() is None
        self._client.create_change_set(
            StackName=self.name,
            ChangeSetName=name,
            ChangeSetType="CREATE" if creates else "UPDATE",
            TemplateURL=template_url,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in sorted(parameters.items())
            ],
            Capabilities=["CAPABILITY_IAM"],
            Tags=[{"Key": "souk:stage", "Value": parameters["Stage"]}],
        )
        found = self._wait_for_change_set(name)
        if found is None:
            self._client.delete_change_set(StackName=self.name, ChangeSetName=name)
            return None
        return Planned(name, creates, changes.read(found))

    def _wait_for_change_set(self, name: str) -> list[dict[str, Any]] | None:
        while True:
            answer = self._client.describe_change_set(StackName=self.name, ChangeSetName=name)
            if answer["Status"] == "CREATE_COMPLETE":
                return self._all_changes(name, answer)
            if answer["Status"] == "FAILED":
                reason = str(answer.get("StatusReason", ""))
                if any(words in reason for words in _NOTHING):
                    return None
                raise StackFailed(f"the change set was refused: {reason}")
            time.sleep(self._pause)

    def _all_changes(self, name: str, answer: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = list(answer["Changes"])
        while token := answer.get("NextToken"):
            answer = self._client.describe_change_set(
                StackName=self.name, ChangeSetName=name, NextToken=token
            )
            found += answer["Changes"]
        return found

    def discard(self, planned: Planned) -> None:
        self._client.delete_change_set(StackName=self.name, ChangeSetName=planned.name)

    def carry_out(self, planned: Planned, tell: Tell) -> None:
        """Execute, and wait until it ended. Raises StackFailed."""
        began = self._newest_event()
        self._client.execute_change_set(StackName=self.name, ChangeSetName=planned.name)
        status = self._wait(began, tell)
        if any(word in status for word in _FAILED):
            reasons = "\n  ".join(self._reasons(began))
            raise StackFailed(f"the stack {self.name} is {status}:\n  {reasons}")
        self.protect()

    def protect(self) -> None:
        """Neither a slip nor a template removes the stack or what keeps data."""
        self._client.update_termination_protection(StackName=self.name, EnableTerminationProtection=True)
        self._client.set_stack_policy(StackName=self.name, StackPolicyBody=json.dumps(changes.STACK_POLICY))

    def require_ready(self) -> None:
        """Raises NotReady while something is under way, or after a first creation that failed."""
        status = self.status
        if status.endswith("IN_PROGRESS"):
            raise NotReady(f"the stack {self.name} is {status}: wait until that has ended (make status)")
        if status == "ROLLBACK_COMPLETE":
            raise NotReady(
                f"the first creation of {self.name} failed and left an empty stack, which CloudFormation cannot "
                f"update: aws cloudformation delete-stack --stack-name {self.name}, then again "
                "(docs/troubleshooting.md says what may be left)"
            )
        if status in ("UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"):
            raise NotReady(
                f"the stack {self.name} is {status}: docs/troubleshooting.md says how to free it by hand"
            )

    def _wait(self, began: str, tell: Tell) -> str:
        told: set[str] = set()
        while True:
            for event in reversed(self._events_since(began)):
                if event["EventId"] not in told:
                    told.add(event["EventId"])
                    tell(f"{event['ResourceStatus']:28} {event['LogicalResourceId']}")
            status = self.status
            if status and not status.endswith("IN_PROGRESS"):
                return status
            time.sleep(self._pause)

    def _newest_event(self) -> str:
        events = self._events_since("")
        return str(events[0]["EventId"]) if events else ""

    def _events_since(self, event_id: str) -> list[dict[str, Any]]:
        """The newest first, down to that one."""
        found: list[dict[str, Any]] = []
        try:
            for page in self._client.get_paginator("describe_stack_events").paginate(StackName=self.name):
                for event in page["StackEvents"]:
                    if event["EventId"] == event_id:
                        return found
                    found.append(event)
        except ClientError as error:
            if error_code(error) != "ValidationError":
                raise
        return found

    def _reasons(self, began: str) -> list[str]:
        return [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
            for event in reversed(self._events_since(began))
            if event["ResourceStatus"].endswith("FAILED")
        ]
