"""`make demo`: walk through the shop that `make run` serves in another terminal.

The shop is found by `PORT`, else by what the running one on `SOUK_DATA` says, else at port 8000.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from infra.demo import afterwards, buying
from infra.demo.api import Api, NobodyAnswers
from infra.demo.caller import Surprise, Walk
from infra.demo.screen import Screen, in_words, wants_colour
from infra.local import environment, running

_INTERRUPTED = 130
_INTRODUCTION = """\
A walk through {address}/api: what is asked, and what comes back.
Each answer shows what it cost in the table: calls, read and write request units. The local emulator
counts no units for batch reads, so those answers show fewer RRU here than they take on AWS."""


def port_of(env: Mapping[str, str]) -> int:
    """Where the shop serves. Raises Refused for a PORT that is none."""
    if not env.get("PORT"):
        try:
            return running.find(env).port
        except running.NotRunning:
            pass
    return environment.port(env)


def stroll(walk: Walk, clerk_login: str, clerk_password: str) -> None:
    """The whole walk. Raises Surprise where the shop does not answer as it should, NobodyAnswers."""
    customer, clerk = buying.come_in(walk, clerk_login, clerk_password)
    shelf = buying.browse(customer, clerk)
    began = len(walk.costs)
    buying.fill_cart(customer, shelf.sku_id)
    order_id, address_id = buying.order_cart(customer)
    buying.pay_order(customer, order_id, began)
    buying.buy_card_keys(customer, clerk)
    afterwards.ship(customer, clerk, order_id)
    afterwards.ask_for_too_many(customer, shelf, address_id)
    afterwards.read_messages(customer)
    afterwards.leave_unpaid(customer, shelf, address_id)


def main(env: Mapping[str, str] = os.environ) -> int:
    """Returns 0 when every step was answered as it should be, 1 otherwise."""
    login = env.get("SOUK_ADMIN_LOGIN") or environment.ADMIN_LOGIN
    password = env.get("SOUK_ADMIN_PASSWORD") or environment.ADMIN_PASSWORD
    try:
        api = Api(port_of(env))
        api.check_in()
        walk = Walk(api, Screen(sys.stdout, wants_colour(sys.stdout)))
        print(_INTRODUCTION.format(address=api.address))
        stroll(walk, login, password)
    except (NobodyAnswers, Surprise, environment.Refused) as error:
        sys.stdout.flush()
        print(f"\nThe walk ends here: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    walk.screen.end(f"Everything as it should be. {len(walk.costs)} requests, {in_words(walk.spent())}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
