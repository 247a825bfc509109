"""The chain over the audit log: links in the order in which entries were taken up."""

import hashlib

from chalicelib.store import Instant, Int, Item, Key, Ref, Text

GENESIS = "0" * 64
"""What the first link follows."""


class ChainLink(Item, discriminator="chain_link"):
    """One entry's place in the chain. Written once and never again."""

    key = Key("AUDIT_CHAIN", "LINK#{seq}", "the links of the audit chain, in order")
    audited = False

    seq: Int = Int()
    entry_id: Text = Text()
    entry_digest: Text = Text()
    previous: Text = Text()
    """The hash of the link before."""
    linked_at: Instant = Instant()

    @property
    def hash(self) -> str:
        told = f"{self.tenant}\n{self.seq}\n{self.entry_id}\n{self.entry_digest}\n{self.previous}"
        return hashlib.sha256(told.encode()).hexdigest()


class ChainHead(Item, discriminator="chain_head"):
    """The last link, where the next one is put."""

    key = Key("AUDIT_CHAIN", "HEAD", "the head of a tenant's audit chain")
    audited = False

    seq: Int = Int()
    hash: Text = Text()


def head_ref(tenant: str) -> Ref:
    return ChainHead.key.of(tenant)
