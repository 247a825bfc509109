"""The deploy script: what it refuses, and that a refusal changes nothing. The rest of it is `make rehearse`."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.core.settings import Misconfigured
from infra.deploy import keys, lock, opening, releases, smoke
from infra.deploy.account import Account, NotReady
from infra.deploy.deploying import Deployer, NotDeployed
from infra.deploy.lock import Locked, LockLost, deploy_lock
from infra.deploy.lock_table import LockTable
from infra.deploy.smoke import SmokeFailed
from infra.package.build import Build
from infra.rehearsal.account import emulated
from tests.ops.deployments import FUNCTION, QUEUE, TABLE, build_of, with_api

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with emulated(tmp_path_factory.mktemp("account")) as (_, opened):
        yield opened


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def deployer(account: Account, said: list[str]) -> Deployer:
    """A stage of its own for each test, with its keys."""
    stage = f"s{next(_numbers)}"
    keys.make(account, stage)
    return Deployer(account, stage, said.append, lambda _: True)


def create(deployer: Deployer, made: Build) -> None:
    """The stack as an earlier deployment left it."""
    account = deployer.account
    releases.ensure_bucket(account)
    given = {"Stage": deployer.stage, "CodeBucket": "-"}
    _, template_key = releases.upload(account, made, given)
    url = account.object_url(releases.bucket_name(account), template_key)
    planned = deployer.stack.plan(url, given, "first")
    assert planned is not None
    deployer.stack.carry_out(planned, lambda _: None)


def resources_of(deployer: Deployer) -> set[str]:
    listed = deployer.account.client("cloudformation").list_stack_resources(StackName=deployer.stack.name)
    return {one["LogicalResourceId"] for one in listed["StackResourceSummaries"]}


def parameters(deployer: Deployer, **more: str) -> dict[str, str]:
    return {"Stage": deployer.stage, **more}


@pytest.mark.parametrize("lost", ["Table", "Letters"])
def test_a_change_that_would_lose_data_is_refused(deployer: Deployer, tmp_path: Path, lost: str) -> None:
    create(deployer, build_of(tmp_path / "first", Table=TABLE, Letters=QUEUE))
    kept = {"Table": TABLE, "Letters": QUEUE}
    del kept[lost]

    with pytest.raises(NotDeployed, match=f"lose or strand data in {lost}"):
        deployer.deploy(build_of(tmp_path / "second", **kept), parameters(deployer))

    assert {"Table", "Letters"} <= resources_of(deployer)
    assert releases.listed(deployer.account, deployer.stage) == []


def test_nothing_changes_without_a_yes(deployer: Deployer, tmp_path: Path, said: list[str]) -> None:
    asked: list[str] = []

    def no(what: str) -> bool:
        asked.append(what)
        return False

    careful = replace(deployer, confirm=no)
    create(deployer, build_of(tmp_path / "first", Table=TABLE))

    with pytest.raises(NotDeployed, match="not confirmed"):
        careful.deploy(build_of(tmp_path / "second", Table=TABLE, Letters=QUEUE), parameters(deployer))

    assert "Letters" not in resources_of(deployer)
    assert asked == [f"1 change in account {deployer.account.id}, stage {deployer.stage}"]
    assert "  + Letters (AWS::SQS::Queue)" in said
    assert any(line.startswith(f"account {deployer.account.id} as ") for line in said)


def test_all_that_is_missing_is_said_at_once(account: Account, said: list[str], tmp_path: Path) -> None:
    bare = Deployer(account, "bare", said.append, lambda _: True)
    wish = parameters(bare, ReserveForJobs="yes", Mail="ses", MailFrom="shop@example.com")

    with pytest.raises(NotReady) as refused:
        bare.deploy(build_of(tmp_path), wish)

    for finding in (
        "/souk/bare/jwt-keys is not set: make keys STAGE=bare",
        "/souk/bare/secret-keys is not set",
        "the jobs want 950 of Lambda's concurrency",
        "SES does not know shop@example.com",
    ):
        assert finding in str(refused.value)
    assert bare.stack.describe() is None


def test_the_sandbox_never_reaches_production(account: Account, said: list[str], tmp_path: Path) -> None:
    prod = Deployer(account, "prod", said.append, lambda _: True)

    with pytest.raises(NotReady, match="Sandbox is on for prod"):
        prod.deploy(build_of(tmp_path), {"Stage": "prod", "Sandbox": "on"})


def test_a_bundle_of_another_python_is_not_deployed(deployer: Deployer, tmp_path: Path) -> None:
    made = build_of(tmp_path)
    made.template["Resources"]["Function"] = {**FUNCTION, "Properties": {"Runtime": "python3.9"}}

    with pytest.raises(NotReady, match=r"built for python3\.9"):
        deployer.deploy(made, parameters(deployer))


def test_the_same_build_again_changes_nothing(
    deployer: Deployer, tmp_path: Path, said: list[str], smoke_that: Callable[[Callable[[], bool]], None]
) -> None:
    smoke_that(lambda: True)
    made = with_api(tmp_path, "one")
    first = deployer.deploy(made, parameters(deployer))

    again = deployer.deploy(made, parameters(deployer))

    assert again.id == first.id
    assert "nothing would change: what is deployed is this very build" in said


def test_a_deployment_that_was_cut_off_is_ended_by_the_same_command(
    deployer: Deployer, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator's machine goes away while CloudFormation goes on: the release was never tried out."""
    made, tried = with_api(tmp_path, "one"), []

    def gone(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(smoke, "run", gone)
    with pytest.raises(KeyboardInterrupt):
        deployer.deploy(made, parameters(deployer))
    monkeypatch.setattr(smoke, "run", lambda *_: tried.append(True))

    ended = deployer.deploy(made, parameters(deployer))

    assert tried == [True]
    assert [one.outcome for one in releases.listed(deployer.account, deployer.stage)] == ["done"]
    assert f"{ended.id} is in place and was never tried out: going on from there" in said


def test_the_first_admin_of_a_stage_has_no_password_of_a_developers_machine(
    deployer: Deployer, tmp_path: Path, said: list[str]
) -> None:
    """Also where the stage is called `test`, as local runs are."""
    stage = "test"
    keys.make(deployer.account, stage)
    here = replace(deployer, stage=stage)
    create(here, with_api(tmp_path, "one"))
    table = here.stack.outputs()["TableName"]

    for password in ("souk-local-admin", ""):
        with pytest.raises(Misconfigured, match="SOUK_ADMIN_PASSWORD"):
            opening.first_admin(deployer.account, stage, table, "owner@example.com", password)

    opening.first_admin(deployer.account, stage, table, "owner@example.com", "correct horse battery")
    assert deployer.account.client("dynamodb").scan(TableName=table)["Count"] > 0


def test_alarms_that_would_tell_nobody_are_not_deployed(deployer: Deployer, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="AlarmMail is empty"):
        deployer.deploy(build_of(tmp_path), parameters(deployer, Alarms="yes", AlarmMail=""))


def test_a_deployed_stack_cannot_be_deleted_by_a_slip(deployer: Deployer, tmp_path: Path) -> None:
    create(deployer, build_of(tmp_path, Table=TABLE))

    with pytest.raises(ClientError, match="TerminationProtection"):
        deployer.account.client("cloudformation").delete_stack(StackName=deployer.stack.name)


def answer_of(deployer: Deployer) -> str:
    """What the deployed function says."""
    (name,) = [
        one["PhysicalResourceId"]
        for one in deployer.account.client("cloudformation").list_stack_resources(
            StackName=deployer.stack.name
        )["StackResourceSummaries"]
        if one["LogicalResourceId"] == "Function"
    ]
    said = deployer.account.client("lambda").invoke(FunctionName=name)["Payload"].read()
    return str(json.loads(said))


def backups_of(deployer: Deployer) -> list[str]:
    table = deployer.stack.outputs()["TableName"]
    listed = deployer.account.client("dynamodb").list_backups(TableName=table)
    return [one["BackupArn"] for one in listed["BackupSummaries"]]


@pytest.fixture
def smoke_that(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], bool]], None]:
    """A smoke test that finds what the given function says: the stacks of these tests have no API to try out."""

    def set_up(holds: Callable[[], bool]) -> None:
        def run(base: str, tell: Any, patience_seconds: float) -> None:
            if not holds():
                raise SmokeFailed("planted")

        monkeypatch.setattr(smoke, "run", run)

    return set_up


@pytest.mark.ledger("S0-042")
def test_the_table_is_backed_up_before_anything_changes_and_one_command_goes_back(
    deployer: Deployer, tmp_path: Path, smoke_that: Callable[[Callable[[], bool]], None]
) -> None:
    smoke_that(lambda: True)
    first = deployer.deploy(with_api(tmp_path / "1", "one"), parameters(deployer))
    seen: list[int] = []

    def agree(_: str) -> bool:
        seen.append(len(backups_of(deployer)))
        return True

    second = replace(deployer, confirm=agree).deploy(with_api(tmp_path / "2", "two"), parameters(deployer))

    assert (first.backup, second.backup) == ("", *backups_of(deployer))
    assert seen == [0], "the backup comes after the yes, and before the change"
    assert answer_of(deployer) == "two"

    deployer.roll_back()

    assert answer_of(deployer) == "one"
    assert [one.outcome for one in releases.listed(deployer.account, deployer.stage)].count(
        "rolled back"
    ) == 1


@pytest.mark.ledger("S0-041")
def test_a_release_that_fails_its_smoke_test_is_taken_back_by_itself(
    deployer: Deployer, tmp_path: Path, smoke_that: Callable[[Callable[[], bool]], None], said: list[str]
) -> None:
    smoke_that(lambda: answer_of(deployer) == "good")
    good = deployer.deploy(with_api(tmp_path / "1", "good"), parameters(deployer))

    with pytest.raises(NotDeployed, match=f"{good.id} runs again"):
        deployer.deploy(with_api(tmp_path / "2", "bad"), parameters(deployer))

    assert answer_of(deployer) == "good"
    assert "SMOKE TEST FAILED: planted" in said


def test_without_a_backup_nothing_is_deployed(
    deployer: Deployer,
    tmp_path: Path,
    smoke_that: Callable[[Callable[[], bool]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    smoke_that(lambda: True)
    deployer.deploy(with_api(tmp_path / "1", "one"), parameters(deployer))

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "LimitExceededException", "Message": "planted"}}, "CreateBackup")

    monkeypatch.setattr(deployer.account.client("dynamodb"), "create_backup", refuse)

    with pytest.raises(NotDeployed, match="could not be backed up, so nothing was changed"):
        deployer.deploy(with_api(tmp_path / "2", "two"), parameters(deployer))

    assert answer_of(deployer) == "one"


def test_a_rotated_key_leaves_the_old_one_good_until_it_is_retired(deployer: Deployer) -> None:
    account, stage = deployer.account, deployer.stage
    (old,) = keys.ids(account, stage, "jwt-keys")

    new, still = keys.rotate(account, stage, "jwt-keys")

    assert still == old
    assert new != old
    with pytest.raises(NotReady, match="is in use: rotate first"):
        keys.retire(account, stage, "jwt-keys", new)
    assert keys.retire(account, stage, "jwt-keys", old) == [new]


def test_a_sealing_key_is_not_retired_lightly_and_the_first_one_never(deployer: Deployer) -> None:
    account, stage = deployer.account, deployer.stage
    (first,) = keys.ids(account, stage, keys.SEALING)
    keys.rotate(account, stage, keys.SEALING)
    newest, middle, _ = keys.rotate(account, stage, keys.SEALING)

    with pytest.raises(NotReady, match="never be read again"):
        keys.retire(account, stage, keys.SEALING, middle)
    with pytest.raises(NotReady, match="it stays"):
        keys.retire(account, stage, keys.SEALING, first, sure=True)
    assert keys.retire(account, stage, keys.SEALING, middle, sure=True) == [newest, first]


def test_making_keys_again_leaves_those_that_are_there(deployer: Deployer) -> None:
    before = keys.values(deployer.account, deployer.stage)

    assert keys.make(deployer.account, deployer.stage) == []
    assert keys.values(deployer.account, deployer.stage) == before


def test_the_way_back_leads_to_the_last_good_release_of_other_code(deployer: Deployer) -> None:
    manifest = {"version": "1", "commit": "abc"}
    for number, (code, outcome) in enumerate([("a", "done"), ("b", "failed"), ("c", "done")]):
        release = releases.begin(
            deployer.account,
            deployer.stage,
            {**manifest, "code": {"sha256": f"{number}{code * 20}"}},
            code_key=f"code/{code}.zip",
            template_key="t",
            parameters={},
            backup="",
        )
        releases.close(deployer.account, release, outcome)

    assert deployer._earlier("").code_key == "code/a.zip"
    with pytest.raises(NotReady, match="there is no release 2020"):
        deployer._earlier("2020")


@pytest.mark.ledger("S2-002")
def test_two_deployers_of_one_stage_cannot_collide(deployer: Deployer, tmp_path: Path) -> None:
    create(deployer, build_of(tmp_path / "first", Table=TABLE))
    table = LockTable(deployer.account.client("dynamodb"))

    with (
        deploy_lock(deployer.stage, "somebody else's", table=table),
        pytest.raises(Locked, match="somebody else's"),
    ):
        deployer.deploy(build_of(tmp_path / "second", Table=TABLE, Letters=QUEUE), parameters(deployer))

    assert "Letters" not in resources_of(deployer)


@pytest.mark.ledger("S2-002")
def test_a_deployer_who_lost_the_stage_changes_nothing_more(deployer: Deployer, tmp_path: Path) -> None:
    create(deployer, build_of(tmp_path / "first", Table=TABLE))
    table = LockTable(deployer.account.client("dynamodb"))

    def broken_meanwhile(_: str) -> bool:
        held, _lines = lock.status(deployer.stage, table)
        assert held is not None
        lock.break_lock(deployer.stage, held.holder, "thought to be gone", table)
        return True

    slow = replace(deployer, confirm=broken_meanwhile)

    with pytest.raises(LockLost):
        slow.deploy(build_of(tmp_path / "second", Table=TABLE, Letters=QUEUE), parameters(deployer))

    assert "Letters" not in resources_of(deployer)
