"""What goes back in time with a shop, and what does not: one rule for each kind of item.

The reasons stand in docs/decisions/0024-one-shop-goes-back-its-history-does-not.md. A kind without a rule stops the
restore before it begins, and a test: somebody has to decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

Books = Literal["back", "stay"]


class Rule(StrEnum):
    BACK = "goes back"
    """Becomes as it was: missing ones are put in, changed ones rewritten, newer ones deleted."""
    BOOKS = "goes back with the books"
    """As BACK, unless the books are to stay; then as STAYS."""
    STAYS = "stays as it is"
    """What is missing is put back. What changed and what is newer stands."""
    NEVER = "is left alone"
    """Neither written nor deleted."""


RULES: Mapping[str, Rule] = {
    kind: rule
    for rule, kinds in {
        # what the shop says of itself and its goods, and what customers keep there
        Rule.BACK: """address_book brand cart category dictionary dictionary_entry favorites footprints level_rules
            message_template payment_channel product product_detail segment shelf template_version""",
        # what it did with others: they agree with one another, so they move together or not at all
        Rule.BOOKS: """card_key card_key_pool card_key_print delivery inbox notification order order_book order_number
            parked_callback payment points_account points_entry refund reservation spending stock stock_move""",
        # who may do what, what they want to be told, and the record: taken-away rights must not come back
        Rule.STAYS: """audit_entry chain_head chain_link device_book host kyc_opening login notification_preferences
            parameter_change role role_holders sign_in tenant tenant_row user""",
        # what is under way, guards, secrets of the moment, papers a person may have taken back, the provider's books;
        # files, whose bytes lie elsewhere and whose room is counted beside them
        Rule.NEVER: """backup_asked breaker bucket code event idempotency job_run kyc kyc_document kyc_print kyc_stated
            lockout migration_run migration_segment migration_turn rate sandbox_charge sandbox_letter seen session
            storage_usage upload""",
    }.items()
    for kind in kinds.split()
}

WRITTEN_WHOLE = frozenset({"audit_entry", "chain_link", "order", "payment", "refund", "reservation"})
"""The shop writes these whole, each time under a new version: other content under the same version is damage, and is
repaired also where the kind stays. Kinds that are counted up in place have no such mark."""


def rule_of(kind: str, books: Books) -> Rule:
    """The rule in force. Raises KeyError for a kind without one."""
    rule = RULES[kind]
    if rule is Rule.BOOKS:
        return Rule.BACK if books == "back" else Rule.STAYS
    return rule
