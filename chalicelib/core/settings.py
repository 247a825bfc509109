"""Settings by environment. A stage must be told its table and keys, and says what is missing."""

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from chalicelib.core.secret_settings import Misconfigured, SecretSetting, is_reference, secret

__all__ = [
    "LOCAL_STAGES",
    "STAGES",
    "Keys",
    "Misconfigured",
    "Settings",
    "read",
    "runs_in_lambda",
    "settings",
]

LOCAL_STAGES = frozenset({"local", "test"})
"""Where a developer's machine may be at work. Deployed, a stage of either name is like any other."""
STAGES = ("dev", "test", "staging", "prod")
"""The usual names of deployed stages: what belongs to one of them is out of place in another."""
_LAMBDAS_OWN = ("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_RUNTIME_API")
_WHOLE = re.compile(r"[0-9]{1,10}")


Keys = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Settings:
    stage: str
    is_deployed: bool
    """Lambda runs it, and not somebody's own machine."""
    table: str
    signing: SecretSetting[Keys]
    sealing: SecretSetting[Keys]
    sandbox: bool
    pay_minutes: int
    """How long an unpaid order holds its stock."""
    confirm_days: int
    """After how many days a shipped order completes by itself."""
    ship_alarm_hours: int
    """After how many hours a paid, unshipped order raises an alarm."""
    most_open_orders: int
    """Unpaid orders one customer may have (B23)."""
    most_reserved_units: int
    """Unpaid units of one SKU one customer may hold (B23)."""
    ip_limit_factor: int
    """Multiplies every limit of an address or a process: where all callers share one, as on a developer's machine."""
    ip_requests_per_minute: int
    """What one address may ask of one process; this many at once, and the same again in each minute."""
    user_requests_per_minute: int
    """What one signed-in person may ask of one process."""
    password_memory_kib: int
    sms_channel: str
    """How text messages leave: `sandbox` or `sns`; empty: this stage cannot send any."""
    mail_channel: str
    """`sandbox` or `ses`; empty: this stage cannot send any."""
    mail_from: str
    phone_country: str
    """The country code of a phone number that is written without one."""
    uploads_bucket: str
    """Where files lie; empty: this stage takes none."""
    uploads_public_base: str
    """The address under which everybody reads `public/` of that bucket, without a slash at its end."""
    wechat_app_id: str
    """The mini-program's; empty: nobody signs in through WeChat here."""
    wechat_secret: SecretSetting[str]
    wechat_api_base: str
    log_level: str

    @property
    def jwt_keys(self) -> Keys:
        """(kid, secret): the first signs, every one verifies, so a rotation keeps two alive."""
        return self.signing.value()

    @property
    def secret_keys(self) -> Keys:
        """(id, 32 bytes): the first encrypts card keys at rest, every one decrypts."""
        return self.sealing.value()

    @property
    def is_local(self) -> bool:
        return self.stage in LOCAL_STAGES and not self.is_deployed

    @property
    def shows_messages(self) -> bool:
        """Whether messages stay here and can be read by everyone: they hold the codes that open accounts."""
        return self.sandbox and self.is_local


def _keys(env: Mapping[str, str], name: str, shortest: int, *, base64url: bool) -> SecretSetting[Keys]:
    return SecretSetting(name, env.get(name, ""), lambda text: _parsed(text, name, shortest, base64url))


def _parsed(text: str, name: str, shortest: int, base64url: bool) -> Keys:
    keys = []
    for part in text.split(","):
        if not part.strip():
            continue
        kid, _, secret = part.strip().partition(":")
        raw = _base64url(secret) if base64url else secret.encode()
        if not kid or len(raw) < shortest:
            raise Misconfigured(
                f"{name}: each key is <id>:<secret> with a secret of at least {shortest} bytes"
            )
        keys.append((kid, raw))
    if not keys:
        raise Misconfigured(
            f"{name} is not set: give <id>:<secret>, several separated by commas, the signing one first"
        )
    return tuple(keys)


def _base64url(text: str) -> bytes:
    """Nothing at all where the text is none: too short for a key."""
    padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except ValueError:
        return b""


def _number(env: Mapping[str, str], name: str, default: int, most: int, least: int = 1) -> int:
    given = env.get(name, str(default))
    if not _WHOLE.fullmatch(given) or not least <= int(given) <= most:
        raise Misconfigured(f"{name} must be a whole number from {least} to {most}, not {given!r}")
    return int(given)


def _channel(env: Mapping[str, str], name: str, real: str, *, shown: bool) -> str:
    chosen = env.get(name) or ("sandbox" if shown else "")
    if chosen not in ("", real, *(["sandbox"] if shown else [])):
        raise Misconfigured(f"{name} must be {real} (or sandbox, on a developer's machine), not {chosen!r}")
    return chosen


def _check_own(env: Mapping[str, str], stage: str) -> None:
    """A stage reads no other's secrets: a copied reference would join what is meant to be apart."""
    if stage not in STAGES:
        return
    for name in ("SOUK_JWT_KEYS", "SOUK_SECRET_KEYS", "WECHAT_MINI_APP_SECRET"):
        place = env.get(name, "")
        words = place.partition(":")[2].split("/") if is_reference(place) else []
        for other in STAGES:
            if other != stage and other in words:
                raise Misconfigured(f"{name} is kept where the stage {other} keeps its own: this is {stage}")


def read(env: Mapping[str, str]) -> Settings:
    stage = env.get("SOUK_STAGE", "")
    if not stage:
        raise Misconfigured("SOUK_STAGE is not set: dev, test, staging, prod, or local")
    table = env.get("SOUK_TABLE", "")
    if not table:
        raise Misconfigured("SOUK_TABLE is not set: the name of the DynamoDB table")
    _check_own(env, stage)
    sandbox = env.get("SOUK_SANDBOX", "off") == "on"
    is_deployed = any(env.get(name) for name in _LAMBDAS_OWN)
    shown = sandbox and stage in LOCAL_STAGES and not is_deployed
    return Settings(
        stage=stage,
        is_deployed=is_deployed,
        table=table,
        signing=_keys(env, "SOUK_JWT_KEYS", 32, base64url=False),
        sealing=_keys(env, "SOUK_SECRET_KEYS", 32, base64url=True),
        sandbox=sandbox,
        pay_minutes=_number(env, "SOUK_PAY_MINUTES", 30, 365 * 24 * 60),
        confirm_days=_number(env, "SOUK_CONFIRM_DAYS", 10, 365),
        ship_alarm_hours=_number(env, "SOUK_SHIP_ALARM_HOURS", 48, 365 * 24),
        most_open_orders=_number(env, "SOUK_MOST_OPEN_ORDERS", 20, 10**6),
        most_reserved_units=_number(env, "SOUK_MOST_RESERVED_UNITS", 200, 10**6),
        ip_limit_factor=_number(env, "SOUK_IP_LIMIT_FACTOR", 1, 10**6),
        ip_requests_per_minute=_number(env, "SOUK_IP_REQUESTS_PER_MINUTE", 1200, 10**9),
        user_requests_per_minute=_number(env, "SOUK_USER_REQUESTS_PER_MINUTE", 600, 10**9),
        password_memory_kib=_number(env, "SOUK_PASSWORD_MEMORY_KIB", 19 * 1024, 1024**2, least=64),
        sms_channel=_channel(env, "SOUK_SMS", "sns", shown=shown),
        mail_channel=_channel(env, "SOUK_MAIL", "ses", shown=shown),
        mail_from=env.get("SOUK_MAIL_FROM", ""),
        phone_country=env.get("SOUK_PHONE_COUNTRY", "+86"),
        uploads_bucket=env.get("SOUK_UPLOADS_BUCKET", ""),
        uploads_public_base=env.get("SOUK_UPLOADS_PUBLIC_BASE", "").rstrip("/"),
        wechat_app_id=env.get("WECHAT_MINI_APP_ID", ""),
        wechat_secret=secret(env, "WECHAT_MINI_APP_SECRET"),
        wechat_api_base=env.get("WECHAT_API_BASE") or "https://api.weixin.qq.com",
        log_level=env.get("SOUK_LOG_LEVEL", "INFO").upper(),
    )


def runs_in_lambda() -> bool:
    """Whether this process is a packaged function's, and not a tool's or a test's."""
    return any(name in os.environ for name in _LAMBDAS_OWN)


@cache
def settings() -> Settings:
    return read(os.environ)
