"""What the local run needs around it: a port, a data folder nobody else uses, settings, secrets."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path

from infra.local import clients

try:
    import fcntl
except ImportError:  # not on Windows: there two runs on one folder are the user's to avoid
    fcntl = None  # type: ignore[assignment]

ROOT = Path(__file__).parents[2]
DEFAULT_PORT = 8000
DEFAULT_TABLE = "souk-local"
DEFAULT_BUCKET = "souk-local-uploads"
ADMIN_LOGIN = "admin@souk.test"
ADMIN_PASSWORD = "souk-local-admin"  # noqa: S105 - a local default, printed on every start

_KEY_SETTINGS = ("SOUK_JWT_KEYS", "SOUK_SECRET_KEYS")
_SECRET_BYTES = 32
_MOST_PORT = 65535


class Refused(RuntimeError):
    """The run cannot start. The message says why and what to do."""


def port(env: Mapping[str, str]) -> int:
    text = env.get("PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or int(text) > _MOST_PORT:
        raise Refused(f"PORT must be a number from 0 (any free port) to {_MOST_PORT}, not {text!r}")
    return int(text)


def data_path(env: Mapping[str, str]) -> Path:
    """`SOUK_DATA`, whether or not it is there."""
    return Path(env.get("SOUK_DATA") or ROOT / ".souk-data").expanduser().absolute()


def data_folder(env: Mapping[str, str]) -> Path:
    """`SOUK_DATA`, made when missing and closed to other users: it will hold secrets."""
    folder = data_path(env)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"SOUK_DATA={folder} cannot be used: {error.strerror}") from error
    return folder


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder for this process. The lock ends with the process, however it ends."""
    with (folder / "lock").open("a+", encoding="utf-8") as lock:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.seek(0)
                other = lock.read().strip() or "unknown"
                raise Refused(
                    f"another run (process {other}) uses the data in {folder}: stop it, or give this one a "
                    "folder of its own, for example: SOUK_DATA=.souk-data-2 PORT=8001 make run"
                ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def set_up(env: MutableMapping[str, str], folder: Path, endpoint: str) -> None:
    """Fill in what the app reads from its environment; call it before the app is imported.

    What the user set of Souk's own settings stays. The AWS ones are always the emulator's: real keys or a
    real region lying around in a shell have no business here.
    """
    for name in [name for name in env if name.startswith("AWS_")]:
        del env[name]
    env.update(
        {
            "SOUK_DATA": str(folder),
            "AWS_ACCESS_KEY_ID": clients.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": clients.SECRET_KEY,
            "AWS_REGION": clients.REGION,
            "AWS_DEFAULT_REGION": clients.REGION,
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
            "AWS_ENDPOINT_URL_S3": endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
    )
    for name in ("NO_PROXY", "no_proxy"):
        env[name] = ",".join(filter(None, [env.get(name, ""), "127.0.0.1", "localhost"]))
    defaults = {
        "SOUK_TABLE": DEFAULT_TABLE,
        "SOUK_STAGE": "local",
        "SOUK_SANDBOX": "on",
        "SOUK_IP_LIMIT_FACTOR": "100",
        "SOUK_UPLOADS_BUCKET": DEFAULT_BUCKET,
        "SOUK_ADMIN_LOGIN": ADMIN_LOGIN,
        "SOUK_ADMIN_PASSWORD": ADMIN_PASSWORD,
        **_secrets(folder / "secrets.json"),
    }
    for name, value in defaults.items():
        env.setdefault(name, value)


def _secrets(path: Path) -> dict[str, str]:
    """The keys of this data folder, made once: what one run encrypts or signs the next must read."""
    if not path.exists():
        made = {name: f"local:{secrets.token_urlsafe(_SECRET_BYTES)}" for name in _KEY_SETTINGS}
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(made, file, indent=2)
        draft.replace(path)
    try:
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise Refused(
            f"{path} is damaged: restore it from a backup (without it stored card keys cannot be read), or "
            "start afresh with SOUK_DATA set to another folder"
        ) from None
    return kept
