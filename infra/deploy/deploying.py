"""Deploy and roll back. Data is never deleted: not by a change, not by a failure, not on request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import SoukError
from infra.deploy import opening, preflight, releases, smoke, stages
from infra.deploy.account import Account, NotReady
from infra.deploy.changes import Change
from infra.deploy.lock import DeployLock, LockLost, deploy_lock
from infra.deploy.lock_table import LockTable
from infra.deploy.preflight import Plan
from infra.deploy.releases import Release
from infra.deploy.smoke import SmokeFailed
from infra.deploy.stack import Planned, Stack, StackFailed
from infra.package.build import Build

Tell = Callable[[str], None]
Confirm = Callable[[str], bool]
"""Shown what is about to happen; answers whether to go on."""


class NotDeployed(RuntimeError):
    """It was refused, or undone. The message says which and why."""


@dataclass(frozen=True, slots=True)
class Deployer:
    account: Account
    stage: str
    tell: Tell
    confirm: Confirm
    accepted: frozenset[str] = frozenset()
    """Logical ids whose possible replacement somebody has looked at."""
    patience_seconds: float = smoke.PATIENCE_SECONDS
    """How long a new release may take until it answers."""

    @property
    def stack(self) -> Stack:
        return Stack(self.account, stages.stack_name(self.stage))

    def deploy(self, made: Build, parameters: dict[str, str] | None = None) -> Release:
        """Check, back up, show, deploy, try it out; go back by itself when that fails.

        Raises NotReady and Locked (nothing was touched), NotDeployed, LockLost, and StackFailed (CloudFormation has put
        back what was).
        """
        given = {
            **(parameters if parameters is not None else stages.parameters(self.stage)),
            "CodeBucket": releases.bucket_name(self.account),
        }
        self._say_where()
        preflight.check(self.account, self.stack, _plan(self.stage, given, made.template))
        with self._alone("deploy") as lock:
            return self._deploy(made, given, lock)

    def _deploy(self, made: Build, given: dict[str, str], lock: DeployLock) -> Release:
        self._refuse_misfit()
        releases.ensure_bucket(self.account)
        before = releases.current(self.account, self.stage)
        code, template = releases.upload(self.account, made, given)
        manifest = json.loads(made.manifest_path.read_text(encoding="utf-8"))
        planned = self._planned(template, given, manifest["code"]["sha256"][:12])
        if planned is None:
            return self._go_on((code, template, given), before, lock)
        self._agree(planned, lock)
        backup = self._back_up()
        release = releases.begin(
            self.account,
            self.stage,
            manifest,
            code_key=code,
            template_key=template,
            parameters=given,
            backup=backup,
        )
        self._carry_out(planned, release)
        return self._end(release, before, lock)

    def _end(self, release: Release, before: Release | None, lock: DeployLock) -> Release:
        self._try_out(release, before, lock)
        self.tell(f"deployed: release {release.id}")
        return releases.close(self.account, release, "done")

    def _go_on(
        self, wanted: tuple[str, str, dict[str, str]], before: Release | None, lock: DeployLock
    ) -> Release:
        """The stack is as this build wants it. A deployment that was cut off is ended; else there is nothing to do."""
        cut_off = releases.unfinished(self.account, self.stage)
        if cut_off is not None and (cut_off.code_key, cut_off.template_key, cut_off.parameters) == wanted:
            self.tell(f"{cut_off.id} is in place and was never tried out: going on from there")
            self.stack.protect()
            return self._end(cut_off, before, lock)
        self.tell("nothing would change: what is deployed is this very build")
        if before is None:
            raise NotDeployed("yet no release of this stage is recorded: deploy another build once")
        return before

    def roll_back(self, to: str = "") -> Release:
        """Deploy an earlier release's bundle, template and parameters again. Data stays as it is.

        Raises NotReady, NotDeployed, Locked, LockLost, StackFailed.
        """
        self._say_where()
        self.stack.require_ready()
        with self._alone("roll back") as lock:
            return self._go_back(to, lock)

    def _go_back(self, to: str, lock: DeployLock) -> Release:
        target = self._earlier(to)
        self.tell(f"back to {target.id} (version {target.version}, commit {target.commit or 'unknown'})")
        planned = self._planned(target.template_key, target.parameters, f"back-{target.code_key[5:17]}")
        if planned is None:
            raise NotDeployed(f"{target.id} is what runs already")
        self._agree(planned, lock)
        again = releases.begin(
            self.account,
            self.stage,
            {"version": target.version, "commit": target.commit, "code": {"sha256": target.code_key[5:-4]}},
            code_key=target.code_key,
            template_key=target.template_key,
            parameters=target.parameters,
            backup="",
        )
        self._carry_out(planned, again)
        try:
            smoke.run(self.account.api_url(self.stack.outputs()), self.tell, self.patience_seconds)
        except SmokeFailed as error:
            releases.close(self.account, again, "failed")
            raise NotDeployed(
                f"{target.id} is in place again and does not work either ({error}). Nothing more is done by itself: "
                f"make logs STAGE={self.stage}"
            ) from None
        running = releases.current(self.account, self.stage)
        if running is not None and running.id > target.id:
            releases.close(self.account, running, "rolled back")
        self.tell(f"rolled back: {target.id} runs again, as release {again.id}")
        return releases.close(self.account, again, "done")

    def _alone(self, doing: str) -> AbstractContextManager[DeployLock]:
        """The stage's lock. Raises Locked at once where somebody else deploys."""
        return deploy_lock(self.stage, doing, table=LockTable(self.account.client("dynamodb")))

    @property
    def _table(self) -> str:
        """Empty before the first deployment."""
        return self.stack.outputs().get("TableName", "")

    def _refuse_misfit(self) -> None:
        found = opening.misfit(self.account, self.stage, self._table) if self._table else ""
        if found:
            raise NotDeployed(
                f"the table was brought into a shape this release cannot read ({found}): undo that with the release "
                "that did it (make migrate), or deploy that one or a newer one"
            )

    def _bring_up(self) -> None:
        """All migrations of this release, to their end; the shop stays open."""
        try:
            ended = not self._table or opening.bring_up(self.account, self.stage, self._table)
        except (SoukError, ClientError, BotoCoreError) as error:
            raise SmokeFailed(f"the data could not be brought up: {error or type(error).__name__}") from error
        if not ended:
            raise SmokeFailed("a migration did not end: make migrate ARGS=status")

    def _say_where(self) -> None:
        self.tell(f"account {self.account.id} as {self.account.arn}")
        self.tell(f"region {self.account.region}, stage {self.stage}, stack {self.stack.name}")

    def _planned(self, template_key: str, parameters: dict[str, str], name: str) -> Planned | None:
        url = self.account.object_url(releases.bucket_name(self.account), template_key)
        # an earlier one of the same code may still be listed: only the template changed, or an attempt was given up
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        return self.stack.plan(url, parameters, f"souk-{stamp}-{name}")

    def _agree(self, planned: Planned, lock: DeployLock) -> None:
        for change in sorted(map(str, planned.changes)):
            self.tell(f"  {change}")
        try:
            self._refuse_losses(planned.changes)
            number = len(planned.changes)
            what = f"{number} change{'s' if number != 1 else ''} in account {self.account.id}"
            if not self.confirm(f"{what}, stage {self.stage}"):
                raise NotDeployed("not confirmed; nothing was changed")
            lock.check()
        except (NotDeployed, LockLost):
            self.stack.discard(planned)
            raise

    def _refuse_losses(self, changed: Iterable[Change]) -> None:
        lost = [change.logical_id for change in changed if change.loses_data]
        if lost:
            raise NotDeployed(
                f"this would lose or strand data in {', '.join(lost)}, which no script of ours does. "
                "docs/troubleshooting.md says how such a thing is moved by hand"
            )
        unsure = [
            one.logical_id for one in changed if one.might_lose_data and one.logical_id not in self.accepted
        ]
        if unsure:
            raise NotDeployed(
                f"CloudFormation might replace {', '.join(unsure)}. The stack's policy would stop it; look at the "
                f"change, then run again with --accept {' --accept '.join(unsure)}"
            )

    def _back_up(self) -> str:
        """The table's backup; its address. Nothing at a first deployment."""
        table = self._table
        if not table:
            return ""
        try:
            made = self.account.client("dynamodb").create_backup(
                TableName=table, BackupName=f"before-deploy-{self.stage}"
            )
        except ClientError as error:
            raise NotDeployed(f"the table could not be backed up, so nothing was changed: {error}") from None
        address = str(made["BackupDetails"]["BackupArn"])
        self.tell(f"backed up: {address}")
        return address

    def _carry_out(self, planned: Planned, release: Release) -> None:
        try:
            self.stack.carry_out(planned, self.tell)
        except StackFailed:
            releases.close(self.account, release, "failed")
            raise

    def _try_out(self, release: Release, before: Release | None, lock: DeployLock) -> None:
        try:
            self._bring_up()
            smoke.run(self.account.api_url(self.stack.outputs()), self.tell, self.patience_seconds)
        except SmokeFailed as error:
            self.tell(f"SMOKE TEST FAILED: {error}")
            if before is None:
                releases.close(self.account, release, "failed")
                raise NotDeployed(
                    "the first deployment does not work, and there is none to go back to; it stays for you to look at "
                    f"(make logs STAGE={self.stage})"
                ) from None
            releases.close(self.account, release, "rolled back")
            unattended = replace(self, confirm=lambda _: True)
            unattended._go_back(before.id, lock)
            raise NotDeployed(f"the new release failed its smoke test; {before.id} runs again") from None

    def _earlier(self, wanted: str) -> Release:
        known = releases.listed(self.account, self.stage)
        if wanted:
            found = next((one for one in known if one.id == wanted), None)
            if found is None:
                raise NotReady(f"there is no release {wanted}; make status STAGE={self.stage} lists them")
            return found
        running = next((one for one in known if one.outcome in ("done", "started")), None)
        good = [one for one in known if one.outcome == "done" and one != running]
        if running is None or not good:
            raise NotReady("there is no earlier release to go back to")
        return next((one for one in good if one.code_key != running.code_key), good[0])


def _plan(stage: str, parameters: dict[str, str], template: dict[str, Any]) -> Plan:
    functions = [
        one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::Lambda::Function"
    ]
    return Plan(
        stage=stage,
        parameters=parameters,
        reserved=sum(_reserved(function) for function in functions),
        runtime=str(functions[0]["Runtime"]),
    )


def _reserved(function: dict[str, Any]) -> int:
    """What the function keeps where the stage lets it: the number inside the condition."""
    given = function.get("ReservedConcurrentExecutions", 0)
    return int(given["Fn::If"][1] if isinstance(given, dict) else given)
