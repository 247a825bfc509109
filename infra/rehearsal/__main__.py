"""Deploy the shop to an emulated account with the real scripts, use it, break it, go back, take it down.

Prints what was seen as it is seen. Exit code 1 when anything was not as it should be.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from infra.deploy import keys, opening, stages, watching
from infra.deploy.account import Account, NotReady
from infra.deploy.deploying import Deployer, NotDeployed
from infra.deploy.smoke import SmokeFailed
from infra.deploy.stack import StackFailed
from infra.local.emulator import Emulator, EmulatorFailed
from infra.package import build
from infra.package.build import Build
from infra.package.chalice_step import PackagingFailed
from infra.package.translate import TranslationFailed
from infra.rehearsal import killing, other_builds, shop
from infra.rehearsal.account import adapted, emulated
from infra.rehearsal.shop import Surprise
from infra.rehearsal.walk import STAGE, Rehearsal

_LOGIN, _PASSWORD = "owner@example.com", "rehearsal correct horse"
_PAY_SECONDS = 60
_PATIENCE_SECONDS = 20.0

_EACH_RESOURCE = ("  ", "CREATE_", "UPDATE_", "DELETE_")
_BEGAN = time.monotonic()


def say(line: str) -> None:
    print(f"{time.monotonic() - _BEGAN:6.1f} s  {line}", flush=True)


def brief(line: str) -> None:
    """What the deploy script tells, without the line for each resource."""
    if not line.startswith(_EACH_RESOURCE):
        say(line)


def step(title: str) -> None:
    print(f"\n{title}", flush=True)


def main() -> int:
    try:
        with tempfile.TemporaryDirectory(prefix="souk-rehearsal-") as scratch:
            _rehearse(Path(scratch))
    except (
        EmulatorFailed, NotDeployed, NotReady, PackagingFailed, SmokeFailed, StackFailed, Surprise, TranslationFailed,
    ) as error:  # fmt: skip
        sys.stdout.flush()
        print(f"\nThe rehearsal failed: {error}", file=sys.stderr)
        return 1
    step(f"The rehearsal is complete: {time.monotonic() - _BEGAN:.0f} s.")
    return 0


def _rehearse(scratch: Path) -> None:
    step("Package, for this machine's processor")
    made = build.build(build.host_architecture())
    build.show(made)
    with emulated(scratch / "emulator") as (emulator, account):
        parameters = {
            **stages.parameters(STAGE),
            "CodeBucket": "-",
            "Sandbox": "on",
            "PayMinutes": str(_PAY_SECONDS // 60),
        }
        fitting, unknown = adapted(account, made, parameters, scratch / "fitting")
        say(
            f"the emulator knows {len(fitting.template['Resources'])} of {len(made.template['Resources'])} resources"
        )
        for kind in unknown:
            say(f"left out, for it does not know them: {kind}")
        deployer = Deployer(account, STAGE, brief, lambda _: True, patience_seconds=_PATIENCE_SECONDS)
        _first_deployment(account, deployer, fitting, parameters)
        rehearsal = _rehearsal(account, emulator, deployer)
        _use(rehearsal)
        _next_and_back(deployer, fitting, parameters, scratch)
        _broken(deployer, fitting, parameters, scratch)
        step("Status and logs")
        watching.status(account, STAGE, say)
        _logs(account, rehearsal)
        _take_down(account, deployer, rehearsal)


def _first_deployment(account: Account, deployer: Deployer, made: Build, parameters: dict[str, str]) -> None:
    step("Keys, first deployment, first admin")
    for name in keys.make(account, STAGE):
        say(f"made {name}")
    deployer.deploy(made, parameters)
    opening.first_admin(account, STAGE, deployer.stack.outputs()["TableName"], _LOGIN, _PASSWORD)
    say(f"the first shop is open, {_LOGIN} owns it")


def _rehearsal(account: Account, emulator: Emulator, deployer: Deployer) -> Rehearsal:
    outputs = deployer.stack.outputs()
    base = account.api_url(outputs)
    say(f"the API Gateway address: {base}")
    return Rehearsal(account, emulator, base, outputs["TableName"], say)


def _use(rehearsal: Rehearsal) -> None:
    step("Use it: register, pay, delivered; a cron, a stream record, a job that is killed")
    staff = shop.clerk(rehearsal.base, _LOGIN, _PASSWORD)
    shelf = rehearsal.open_shelf(staff)
    rehearsal.buy(shelf)
    rehearsal.hold("order_timeout", back=True)
    left = rehearsal.leave_unpaid(shelf)
    due_at = time.time() + _PAY_SECONDS + 1
    rehearsal.wait_for_cron("stock_release")
    if killing.can_kill():
        rehearsal.kill_the_sweep(left, due_at)
    else:
        say("this system has no /proc: no job is killed here")
    rehearsal.hold("order_timeout", back=False)
    rehearsal.watch_it_finish(left, shelf)


def _next_and_back(deployer: Deployer, made: Build, parameters: dict[str, str], scratch: Path) -> None:
    step("Deploy the next version, and roll back")
    deployer.deploy(other_builds.next_version(made, scratch / "next"), parameters)
    deployer.roll_back()


def _broken(deployer: Deployer, made: Build, parameters: dict[str, str], scratch: Path) -> None:
    step("Deploy a version that cannot start: it must be taken back without anybody's help")
    try:
        deployer.deploy(other_builds.broken(made, scratch / "broken"), parameters)
    except NotDeployed as error:
        say(f"as it should be: {error}")
    else:
        raise Surprise("a version that cannot start was called deployed")


def _logs(account: Account, rehearsal: Rehearsal) -> None:
    """One request, from the gateway through the API to what the stream made of it."""
    found = watching.logs(
        account, STAGE, say, minutes=10, request_id=rehearsal.staff_act, level="", follow=False
    )
    if not {"api", "table_stream"} <= found:
        raise Surprise(f"lines with the request id {rehearsal.staff_act} are only in {sorted(found)}")


def _take_down(account: Account, deployer: Deployer, rehearsal: Rehearsal) -> None:
    """No script of ours removes a stack; the rehearsal does, and finds the table still there."""
    step("Take it down")
    client, name = account.client("cloudformation"), deployer.stack.name
    client.update_termination_protection(StackName=name, EnableTerminationProtection=False)
    client.delete_stack(StackName=name)
    client.get_waiter("stack_delete_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    rows = account.client("dynamodb").describe_table(TableName=rehearsal.table)["Table"]
    say(f"the stack is gone; its table {rows['TableName']} stays")


if __name__ == "__main__":
    sys.exit(main())
