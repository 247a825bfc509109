"""What the platform itself keeps: the backup it was last asked for."""

from chalicelib.store import Instant, Item, Key, Ref, Text
from chalicelib.tenants.entities import HOME


class BackupAsked(Item, discriminator="backup_asked"):
    """The last backup somebody asked for. It stands before the backup does: whoever is killed between finds it."""

    key = Key("BACKUP", "ASKED", "the backup that the platform was last asked for")

    name: Text = Text()
    mark: Text = Text()
    """Whose intention it was: the same idempotency key is the same backup."""
    asked_at: Instant = Instant()


def asked_ref() -> Ref:
    return BackupAsked.key.of(HOME)
