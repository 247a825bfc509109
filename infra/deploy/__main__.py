"""The operator's commands: `make deploy STAGE=staging`, and rollback, status, logs, keys, first-admin beside it."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.settings import Misconfigured
from infra.deploy import keys, opening, stages, watching
from infra.deploy.account import Account, NotReady, open_account
from infra.deploy.deploying import Deployer, NotDeployed
from infra.deploy.lock import Locked, LockLost, deploy_lock
from infra.deploy.lock_table import LockTable
from infra.deploy.smoke import SmokeFailed
from infra.deploy.stack import Stack, StackFailed
from infra.package import build
from infra.package.chalice_step import PackagingFailed
from infra.package.translate import TranslationFailed

_REFUSALS = (
    BotoCoreError,
    ClientError,
    Locked,
    LockLost,
    Misconfigured,
    NotDeployed,
    NotReady,
    PackagingFailed,
    SmokeFailed,
    StackFailed,
    TranslationFailed,
    build.OverTheLimit,
)
_INTERRUPTED = 130


def _say(line: str) -> None:
    print(line, flush=True)


def _ask(stage: str, *, yes: bool) -> Callable[[str], bool]:
    """The stage's name is typed, not a letter: nobody types `prod` by habit."""

    def confirm(what: str) -> bool:
        if yes:
            return True
        if not sys.stdin.isatty():
            _say(f"{what}: confirm with --yes where nobody can be asked")
            return False
        return input(f"{what}. Type {stage} to go on: ").strip() == stage

    return confirm


def _deployer(account: Account, asked: argparse.Namespace) -> Deployer:
    confirm = _ask(asked.stage, yes=asked.yes)
    return Deployer(account, asked.stage, _say, confirm, frozenset(asked.accept))


def _deploy(account: Account, asked: argparse.Namespace) -> int:
    _say("Packaging …")
    made = build.build()
    build.show(made)
    _deployer(account, asked).deploy(made)
    return 0


def _rollback(account: Account, asked: argparse.Namespace) -> int:
    _deployer(account, asked).roll_back(asked.to)
    return 0


def _status(account: Account, asked: argparse.Namespace) -> int:
    return 0 if watching.status(account, asked.stage, _say) else 1


def _logs(account: Account, asked: argparse.Namespace) -> int:
    watching.logs(
        account,
        asked.stage,
        _say,
        minutes=asked.minutes,
        request_id=asked.request,
        level=asked.level,
        follow=asked.follow,
    )
    return 0


def _keys(account: Account, asked: argparse.Namespace) -> int:
    if asked.act == "make":
        for name in keys.make(account, asked.stage) or ["nothing: every key is there"]:
            _say(f"made {name}")
        return 0
    if asked.act == "list":
        found = keys.ids(account, asked.stage, asked.kind)
    else:
        # read, changed and written: two at once would lose a key, and what was sealed with it
        with deploy_lock(asked.stage, f"keys {asked.act}", table=LockTable(account.client("dynamodb"))):
            if asked.act == "rotate":
                found = keys.rotate(account, asked.stage, asked.kind)
            else:
                found = keys.retire(account, asked.stage, asked.kind, asked.key, sure=asked.yes_really)
    _say(f"{keys.path(asked.stage, asked.kind)}: {', '.join(found)} (the first is in use)")
    return 0


def _first_admin(account: Account, asked: argparse.Namespace) -> int:
    login = os.environ.get("SOUK_ADMIN_LOGIN") or input("Login of the first admin (mail, phone or name): ")
    password = os.environ.get("SOUK_ADMIN_PASSWORD") or getpass.getpass("Password: ")
    table = Stack(account, stages.stack_name(asked.stage)).outputs().get("TableName")
    if not table:
        raise NotReady(f"stage {asked.stage} is not deployed yet: make deploy STAGE={asked.stage}")
    opening.first_admin(account, asked.stage, table, login, password)
    _say(f"The shop `default` of {asked.stage} is open, and {login} owns it.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(
        name: str, act: Callable[[Account, argparse.Namespace], int], about: str
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=about)
        one.add_argument("--stage", required=True, choices=stages.STAGES)
        one.set_defaults(act_on=act)
        return one

    for name, act, about in (
        ("deploy", _deploy, "package, check, back up, show, deploy, try out"),
        ("rollback", _rollback, "run an earlier release again; data stays"),
    ):
        one = command(name, act, about)
        one.add_argument("--yes", action="store_true", help="do not ask")
        one.add_argument("--accept", action="append", default=[], metavar="LOGICAL_ID")
        if name == "rollback":
            one.add_argument("--to", default="", metavar="RELEASE")
    command("status", _status, "stack, releases, alarms, dead letters")
    one = command("logs", _logs, "log lines of all functions")
    one.add_argument("--minutes", type=int, default=15)
    one.add_argument(
        "--request", default="", metavar="REQUEST_ID", help="of one request, through stream and jobs"
    )
    one.add_argument("--level", default="", choices=("", "WARNING", "ERROR"))
    one.add_argument("--follow", action="store_true")
    one = command("keys", _keys, "the keys that sign and seal")
    one.add_argument("act", choices=("make", "list", "rotate", "retire"), nargs="?", default="make")
    one.add_argument("kind", choices=keys.KINDS, nargs="?", default="jwt-keys")
    one.add_argument("key", nargs="?", default="", help="the id to retire")
    one.add_argument(
        "--yes-really", action="store_true", help="retire a sealing key, and lose what it sealed"
    )
    command("first-admin", _first_admin, "open the first shop of a new stage")
    return parser


def main() -> int:
    asked = _parser().parse_args()
    try:
        outcome: int = asked.act_on(open_account(), asked)
    except _REFUSALS as error:
        print(f"{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nLeft. What CloudFormation was told, it does all the same: make status, then the same command again.",
            file=sys.stderr,
        )
        return _INTERRUPTED
    return outcome


if __name__ == "__main__":
    sys.exit(main())
