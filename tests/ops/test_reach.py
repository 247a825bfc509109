"""What a function can reach is read from its code, whichever way it gets there; what cannot be read is refused."""

import ast
from pathlib import Path
from textwrap import dedent

import pytest

from infra.reach.closure import Reader
from infra.reach.program import Program, Unreadable
from infra.reach.uses import Use
from infra.tools.code import Module

CLIENT = """
    import botocore.session
    def client() -> object:
        return botocore.session.get_session().create_client("dynamodb")
    def call(operation: str, **parameters: object) -> dict:
        return client()._make_api_call(operation, parameters)
"""


def reader(**sources: str) -> Reader:
    """Of a tree of these modules, beside `client`, which calls DynamoDB."""
    texts = {"client": CLIENT, **{name.replace("__", "."): text for name, text in sources.items()}}
    return Reader(
        Program([Module(name, Path(f"{name}.py"), ast.parse(dedent(text))) for name, text in texts.items()])
    )


def asked(way_in: str, **sources: str) -> set[str]:
    """Service, operation and index of everything reached from `way_in`."""
    uses = reader(**sources).reach([way_in]).uses
    return {f"{use.service} {use.operation} {use.index}".strip() for use in uses}


def test_a_callback_is_reached_by_who_passes_it_on() -> None:
    shop = """
        from client import call
        def sweep(handle): return [handle(one) for one in ()]
        def expire(ref): call("DeleteItem")
        def close(ref): call("PutItem")
        def job(): sweep(lambda ref: expire(ref))
        def other(): sweep(close)
    """
    assert asked("shop.job", shop=shop) == {"dynamodb DeleteItem"}
    assert asked("shop.other", shop=shop) == {"dynamodb PutItem"}


def test_what_stands_in_a_table_is_reached_by_who_looks_there() -> None:
    shop = """
        from dataclasses import dataclass
        from client import call
        @dataclass
        class Consumer:
            name: str
            handle: object
        def told(): call("UpdateItem")
        TABLE = {"paid": (Consumer("tell", told),)}
        def deliver(name: str): [one.handle() for one in TABLE[name]]
        def quiet(): return 1
    """
    assert asked("shop.deliver", shop=shop) == {"dynamodb UpdateItem"}
    assert asked("shop.quiet", shop=shop) == set()


def test_behind_a_protocol_stands_everyone_who_keeps_to_it() -> None:
    sources = {
        "ports": """
            from typing import Protocol
            class Provider(Protocol):
                def close(self) -> None: ...
        """,
        "sandbox": """
            from client import call
            class Sandbox:
                def close(self) -> None: call("UpdateItem")
            class Door:
                def shut(self) -> None: call("DeleteItem")
        """,
        "shop": """
            from ports import Provider
            def cancel(provider: Provider) -> None: provider.close()
            def unknown(something) -> None: something.shut()
        """,
    }
    assert asked("shop.cancel", **sources) == {"dynamodb UpdateItem"}
    assert asked("shop.unknown", **sources) == {"dynamodb DeleteItem"}


def test_a_name_that_many_methods_have_is_told_apart_by_its_owner() -> None:
    shop = """
        from client import call
        class Transaction:
            def __enter__(self) -> "Transaction": return self
            def __exit__(self, *_: object) -> None: call("TransactWriteItems")
            def update(self) -> None: call("UpdateItem")
        def transaction() -> Transaction: return Transaction()
        def count(names: list[str]) -> dict[str, int]:
            found: dict[str, int] = {}
            found.update({name: 1 for name in names})
            return found
        def write() -> None:
            with transaction() as tx:
                tx.update()
    """
    assert asked("shop.count", shop=shop) == set()
    assert asked("shop.write", shop=shop) == {"dynamodb TransactWriteItems", "dynamodb UpdateItem"}


def test_a_member_that_only_the_run_names_is_any_of_them() -> None:
    shop = """
        from typing import TypeVar
        from client import call
        class Till:
            def open(self) -> None: call("UpdateItem")
            def shut(self) -> None: call("DeleteItem")
            def count(self) -> int: return 1
        T = TypeVar("T")
        def any_of(till: Till, name: str) -> None: getattr(till, name)()
        def this_one(till: Till) -> None: getattr(till, "open")()
        def whatever(thing: T) -> None: thing.shut()
    """
    assert asked("shop.any_of", shop=shop) == {"dynamodb UpdateItem", "dynamodb DeleteItem"}
    assert asked("shop.this_one", shop=shop) == {"dynamodb UpdateItem"}
    assert asked("shop.whatever", shop=shop) == {"dynamodb DeleteItem"}


def test_a_subclass_answers_for_its_base() -> None:
    shop = """
        from client import call
        class Base:
            def run(self) -> None: self.step()
            def step(self) -> None: ...
        class Real(Base):
            def step(self) -> None: call("PutItem")
        def job(base: Base) -> None: base.run()
    """
    assert asked("shop.job", shop=shop) == {"dynamodb PutItem"}


def test_an_import_runs_what_the_module_says_and_names_it_inside_a_function_too() -> None:
    sources = {
        "registry": """
            READERS = {}
            def register(read): READERS["ssm"] = read
            def value(): return READERS["ssm"]()
        """,
        "secrets_": """
            import registry
            from client import call
            def parameter(): call("GetItem")
            def set_up(): registry.register(parameter)
            set_up()
        """,
        "shop": """
            def lazily():
                import secrets_
            def never(): ...
        """,
    }
    assert asked("shop.lazily", **sources) == {"dynamodb GetItem"}
    assert asked("shop.never", **sources) == set()


def test_a_function_goes_before_the_module_whose_name_it_has_in_its_package() -> None:
    sources = {
        "store": "from store.reading import items",
        "store__reading": """
            from client import call
            def items(): call("Query", IndexName="by_owner")
        """,
        "store__items": "class Item: ...",
        "shop": """
            from store import items
            def listed(): return items()
        """,
    }
    assert asked("shop.listed", **sources) == {"dynamodb Query by_owner"}


def test_a_wrapper_asks_what_its_callers_say_and_nothing_by_itself() -> None:
    sources = {
        "files": """
            import botocore.session
            def _client(): return botocore.session.get_session().create_client("s3")
            def _asked(operation: str): return getattr(_client(), operation)(Bucket="files")
            def _signed(what: str): return _client().generate_presigned_url(what, Params={})
            def look(): return _asked("head_object")
            def give(): return _signed("get_object")
            def form(): return _client().generate_presigned_post("files", "key")
            def either(keep: bool): return _asked("copy_object" if keep else "delete_object")
        """,
        "parameters": """
            import botocore.session
            def _made(service): return botocore.session.get_session().create_client(service)
            def _ask(service: str, operation: str): return _made(service)._make_api_call(operation, {})
            def read(): return _ask("ssm", "GetParameter")
        """,
    }
    assert asked("files.look", **sources) == {"s3 HeadObject"}
    assert asked("files.give", **sources) == {"s3 GetObject"}
    assert asked("files.form", **sources) == {"s3 PutObject"}
    assert asked("files.either", **sources) == {"s3 CopyObject", "s3 DeleteObject"}
    assert asked("parameters.read", **sources) == {"ssm GetParameter"}


def test_an_index_is_told_by_the_key_that_is_asked() -> None:
    sources = {
        "keys": """
            class Key:
                def __init__(self, pk: str, index: str = "table") -> None: self.pk, self.index = pk, index
        """,
        "shop": """
            from client import call
            from keys import Key
            class Order:
                key = Key("ORDER")
                in_state = Key("STATE", index="by_state")
            def query(key: Key) -> dict:
                parameters: dict = {}
                if key.index != "table":
                    parameters["IndexName"] = key.index
                return call("Query", **parameters)
            def page(key: Key) -> dict: return query(key)
            def one() -> dict: return page(Order.key)
            def waiting() -> dict: return page(Order.in_state)
        """,
    }
    assert asked("shop.one", **sources) == {"dynamodb Query table"}
    assert asked("shop.waiting", **sources) == {"dynamodb Query by_state"}


def test_who_may_run_any_job_reaches_what_every_job_reaches() -> None:
    sources = {
        "orders": """
            from client import call
            from registry import Jobs
            jobs = Jobs()
            @jobs.every_minute
            def release(now): call("UpdateItem")
        """,
        "registry": """
            class Jobs:
                def every_minute(self, run): return run
        """,
        "system": """
            import importlib
            def run_now(room): return importlib.import_module(room).jobs
            def other(room): return importlib.import_module(room).routes
            def odd(room): return importlib.import_module(room)
        """,
    }
    assert asked("system.run_now", **sources) == {"dynamodb UpdateItem"}
    assert asked("system.other", **sources) == set()
    with pytest.raises(Unreadable, match="hides what is reached"):
        asked("system.odd", **sources)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("""def job(word): return call(word.upper())""", "cannot be read"),
        ("""def job(): return [call(one) for one in WORDS]""", "cannot be read"),
        ("""def job(): return map(call, WORDS)""", "handed on"),
        ("""def job(): return elsewhere(client())""", "handed on"),
        ("""def job(): return __import__("boto3")""", "hides what is reached"),
        (
            """def job(name):\n    import client\n    return getattr(client, name)()""",
            "which function of client",
        ),
        ("""from client import *\ndef job(): ...""", "names what it takes"),
    ],
)
def test_what_cannot_be_read_is_refused(body: str, why: str) -> None:
    head = "from client import call, client\nWORDS = ('GetItem',)\ndef elsewhere(of): ...\n"
    with pytest.raises(Unreadable, match=why):
        reader(shop=head + body).reach(["shop.job"])


def test_an_item_may_not_call_dynamodb_past_the_store() -> None:
    shop = """
        from pynamodb.models import Model
        class Order(Model):
            def row(self) -> dict: return {}
        def job(order: Order) -> None: order.save()
    """
    with pytest.raises(Unreadable, match="past the store"):
        reader(shop=shop).reach(["shop.job"])


def test_the_way_to_what_is_asked_can_be_told() -> None:
    shop = """
        from client import call
        def job(): return middle()
        def middle(): return leaf()
        def leaf(): return call("Scan")
    """
    found = reader(shop=shop).reach(["shop.job"])
    assert found.way_to(Use("dynamodb", "Scan", "table")) == ["shop.job", "shop.middle", "shop.leaf"]
