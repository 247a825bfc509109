"""What every route, job and event handler owes the house and its machine."""

import importlib
import inspect
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from typing import Any

import pytest

from app import app
from chalicelib.core.errors import SoukError
from chalicelib.core.settings import Misconfigured
from chalicelib.http import refusals
from chalicelib.http.operations import Operation
from chalicelib.http.permissions import Permission

MOST_RESOURCES = 300
"""API Gateway's default quota for one API."""
NOT_ASKED_YET = {"refund_too_large"}
"""Refusals of rules that no route leads to yet. Whoever adds the route declares them, and takes them off here."""
FAMILIES = "chalicelib.core.errors"
HEAVY = {"argon2", "boto3", "cryptography", "jwt", "moto", "requests", "stripe", "yaml"}
"""What a cold start must not pay for."""


def name_of(op: Operation) -> str:
    return f"{op.method} {op.path}"


def nodes(path: str) -> list[tuple[str, str]]:
    """Every (parent, segment) of a path."""
    segments = path.strip("/").split("/")
    return [("/".join(segments[:at]), segment) for at, segment in enumerate(segments)]


def python(source: str) -> Any:
    """What a fresh interpreter prints, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("op", app.operations, ids=name_of)
def test_a_route_says_who_may_use_it_and_what_it_is_for(op: Operation) -> None:
    assert isinstance(op.permission, Permission)
    assert len(op.description) > 10, f"{name_of(op)} has no docstring"


def test_operation_ids_are_unique() -> None:
    ids = [op.id for op in app.operations]
    assert len(ids) == len(set(ids))


def test_the_path_tree_fits_api_gateway() -> None:
    """Two parameters at one place must have one name; a path has no trailing slash; 300 nodes are the quota."""
    parameters: dict[str, set[str]] = defaultdict(set)
    tree = {("", "")}
    for op in app.operations:
        assert re.fullmatch(r"(/([a-z0-9._-]+|\{[a-z_]+\}))+", op.path), op.path
        for parent, segment in nodes(op.path):
            tree.add((parent, segment))
            if segment.startswith("{"):
                parameters[parent].add(segment)
    assert not {parent: names for parent, names in parameters.items() if len(names) > 1}
    assert len(tree) <= MOST_RESOURCES, f"{len(tree)} resources"


BY_CUSTOM_ELSEWHERE = {"GET /v1/metrics"}
"""Where those who scrape look for it."""


def test_staff_routes_stand_under_admin_and_others_do_not() -> None:
    misplaced = [
        name_of(op)
        for op in app.operations
        if (op.permission.kind == "staff") != op.path.startswith(("/v1/admin/", "/v1/platform/"))
    ]
    assert set(misplaced) == BY_CUSTOM_ELSEWHERE


def test_every_permission_is_held_by_some_role() -> None:
    """Deny by default is no use when nobody can ever pass. Roles alone are for super admins to give."""
    from chalicelib.core.context import Actor
    from chalicelib.identity.roles import ROLES, permissions_of
    from chalicelib.tenants.entities import HOME

    held = [
        Actor("staff", permissions=permissions_of(frozenset({role}), HOME))
        for role in ROLES
        if role != "super_admin"
    ]
    asked = {op.permission.name for op in app.operations if op.permission.kind == "staff"}
    nobody = {name for name in asked if not any(actor.may(name) for actor in held)} - {"roles:grant"}
    assert not nobody, f"only the super admin can do this: {nobody}"


HANDLERS = [event.handler_string for event in app.event_sources]


def test_event_handlers_have_names_of_their_own() -> None:
    names = [event.name for event in app.event_sources]
    assert names
    assert len(names) == len(set(names))


@pytest.mark.parametrize("handler", HANDLERS)
def test_an_event_handler_is_found_by_its_packaged_name(handler: str) -> None:
    module, _, name = handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("module", sorted({handler.rpartition(".")[0] for handler in HANDLERS}))
def test_a_job_starts_without_the_whole_app(module: str) -> None:
    loaded = python(f"import sys, json, {module}; print(json.dumps('app' in sys.modules))")
    assert loaded is False


def test_importing_the_app_loads_nothing_heavy() -> None:
    loaded = python(
        "import sys, json, app; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    assert not HEAVY & set(loaded)


def test_a_cold_start_imports_no_domain_but_those_that_ask_who_is_there() -> None:
    """What answers a request is imported by the first request for it."""
    loaded = python(
        "import os; os.environ['AWS_LAMBDA_RUNTIME_API'] = 'x'; import sys, json, app;"
        "print(json.dumps(sorted({name.split('.')[1] for name in sys.modules if name.startswith('chalicelib.')})))"
    )
    assert set(loaded) <= {"core", "http", "store", "identity", "tenants"}


def test_a_developer_is_told_of_a_route_that_is_in_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    app.check_table()
    monkeypatch.setattr("chalicelib.http.app.read_table", dict)
    with pytest.raises(Misconfigured, match="make docs"):
        app.check_table()


def test_every_problem_a_client_may_see_is_documented() -> None:
    """An error with a title of its own is meant for clients: some operation declares it."""
    documented = {
        error
        for by_code in refusals.of_all(app.operations, app.ports.refusals).values()
        for error in by_code.values()
    }
    shown = {error for error in every_error(SoukError) if "title" in vars(error)} - documented
    undocumented = {error for error in shown if error.__module__ != FAMILIES and not is_internal(error)}
    assert {error.code for error in undocumented} == NOT_ASKED_YET


def is_internal(error: type[SoukError]) -> bool:
    return "never shown to a client" in (error.__doc__ or "").lower()


def every_error(family: type[SoukError]) -> set[type[SoukError]]:
    return {one for child in family.__subclasses__() for one in (child, *every_error(child))}


def test_a_problem_code_has_one_status() -> None:
    statuses: dict[str, set[int]] = defaultdict(set)
    for status, by_code in refusals.of_all(app.operations, app.ports.refusals).items():
        for code in by_code:
            statuses[code].add(status)
    assert not {code: found for code, found in statuses.items() if len(found) > 1}


def test_a_handler_takes_the_context_first() -> None:
    for op in app.operations:
        first = next(iter(inspect.signature(op.handler).parameters))
        assert first == "ctx", f"{name_of(op)}: {first}"
