"""The keys that sign and seal, in Parameter Store: made once, rotated with the old one still good, retired by name.

A parameter holds `<id>:<secret>`, several separated by commas, the one in use first. The functions read it again every
five minutes. Nothing here prints a secret.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from chalicelib.store.client import error_code
from infra.deploy.account import Account, NotReady

SEALING = "secret-keys"
KINDS = ("jwt-keys", SEALING)
"""What signs the tokens; what seals card keys, identity papers and codes at rest."""
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    secret: str


def path(stage: str, kind: str) -> str:
    return f"/souk/{stage}/{kind}"


def missing(account: Account, stage: str) -> list[str]:
    """The parameters that are not there."""
    return [path(stage, kind) for kind in KINDS if not _read(account, path(stage, kind))]


def is_set(account: Account, stage: str, name: str) -> bool:
    return bool(_read(account, path(stage, name)))


def make(account: Account, stage: str) -> list[str]:
    """Make what is missing; what is there is left alone. Answers what was made."""
    made = missing(account, stage)
    for name in made:
        try:
            account.client("ssm").put_parameter(
                Name=name, Value=_text([_new_key([])]), Type="SecureString", Overwrite=False
            )
        except ClientError as error:
            if error_code(error) != "ParameterAlreadyExists":  # somebody else was first: theirs stands
                raise
    return made


def rotate(account: Account, stage: str, kind: str) -> list[str]:
    """Put a new key first; those before stay good. Answers the ids, the one in use first. Raises NotReady."""
    known = _known(account, stage, kind)
    _write(account, stage, kind, [_new_key(known), *known])
    return ids(account, stage, kind)


def retire(account: Account, stage: str, kind: str, key_id: str, *, sure: bool = False) -> list[str]:
    """Drop an old key, never the one in use. What a sealing key sealed is lost with it: say `sure`. Raises NotReady."""
    known = _known(account, stage, kind)
    if key_id not in [key.id for key in known]:
        raise NotReady(
            f"{path(stage, kind)} has no key {key_id!r}; it has {', '.join(key.id for key in known)}"
        )
    if key_id == known[0].id:
        raise NotReady(f"{key_id} is in use: rotate first")
    if kind == SEALING and key_id == known[-1].id:
        raise NotReady(
            f"{key_id} also makes the prints by which equal card keys and papers are found: it stays"
        )
    if kind == SEALING and not sure:
        raise NotReady(
            f"card keys, identity papers and codes sealed with {key_id} could never be read again: --yes-really, where "
            "that is meant"
        )
    _write(account, stage, kind, [key for key in known if key.id != key_id])
    return ids(account, stage, kind)


def ids(account: Account, stage: str, kind: str) -> list[str]:
    return [key.id for key in _known(account, stage, kind)]


def values(account: Account, stage: str) -> dict[str, str]:
    """For a tool that acts as the stage does. Raises NotReady."""
    return {kind: _text(_known(account, stage, kind)) for kind in KINDS}


def _known(account: Account, stage: str, kind: str) -> list[Key]:
    text = _read(account, path(stage, kind))
    if not text:
        raise NotReady(f"{path(stage, kind)} is not set: make keys STAGE={stage}")
    pairs = [part.strip().partition(":") for part in text.split(",") if part.strip()]
    return [Key(key_id, secret) for key_id, _, secret in pairs]


def _new_key(known: list[Key]) -> Key:
    """Named by its day, so that a list of keys tells its own history."""
    today = datetime.now(UTC).strftime("k%Y%m%d")
    taken = {key.id for key in known}
    names = [today, *(f"{today}-{number}" for number in range(2, len(taken) + 3))]
    return Key(next(name for name in names if name not in taken), secrets.token_urlsafe(_BYTES))


def _text(known: list[Key]) -> str:
    return ",".join(f"{key.id}:{key.secret}" for key in known)


def _write(account: Account, stage: str, kind: str, known: list[Key]) -> None:
    account.client("ssm").put_parameter(
        Name=path(stage, kind), Value=_text(known), Type="SecureString", Overwrite=True
    )


def _read(account: Account, name: str) -> str:
    try:
        answer = account.client("ssm").get_parameter(Name=name, WithDecryption=True)
    except ClientError as error:
        if error_code(error) == "ParameterNotFound":
            return ""
        raise
    return str(answer["Parameter"]["Value"])
