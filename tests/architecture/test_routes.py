"""Every address says who may use it, with a right that somebody registered; faces stand where people look for them."""

import pytest
from litestar.handlers import HTTPRouteHandler

from core.app import OPENAPI_PATH

SIDES = {"client", "bank", "both", "payer"}
PAYERS = ("/h5/", "/api/v1/payer/")
PAYERS_HOME = "/h5/{client_code:str}"
WORDS = {"any", "public", "payer", "device"}
"""What a route may ask for instead of a right: any log-in, nothing, a known payer, a payer's device."""


@pytest.fixture(scope="session")
def handlers(app) -> list[tuple[str, HTTPRouteHandler]]:
    return [
        (route.path, handler)
        for route in app.routes
        if not route.path.startswith(OPENAPI_PATH) and "/_gallery" not in route.path
        for handler in getattr(route, "route_handlers", [])
        if handler.http_methods != {"OPTIONS"}
    ]


def test_every_right_that_a_route_asks_for_is_registered(platform, handlers):
    known = {permission.code for _, permission in platform.plugins.collect_all("register_permissions")} | WORDS
    assert handlers
    assert sorted({(path, handler.opt.get("permission")) for path, handler in handlers if handler.opt.get("permission") not in known}) == []


def test_every_right_that_a_role_bundles_is_registered(platform):
    known = {permission.code for _, permission in platform.plugins.collect_all("register_permissions")}
    roles = [role for code, role in platform.plugins.collect_all("register_roles") if not role.code.startswith("probe.")]
    assert roles
    assert [(role.code, right) for role in roles for right in sorted(role.permissions - known)] == []


def test_every_line_of_a_menu_leads_to_an_address_and_asks_for_its_right(platform, handlers):
    paths = {path: handler.opt["permission"] for path, handler in handlers if "GET" in handler.http_methods}
    items = [item for _, item in platform.plugins.collect_all("register_menu")]
    addresses = {item.path: (PAYERS_HOME if item.side == "h5" else "") + item.path.split("?")[0] for item in items}
    lost = [path for path, address in addresses.items() if address not in paths and not path.startswith("/schema")]
    assert lost == []


def test_every_side_is_one_that_the_door_knows(handlers):
    assert [path for path, handler in handlers if handler.opt.get("side", "client") not in SIDES] == []


def test_faces_stand_where_people_look_for_them(handlers):
    wrong = [
        path
        for path, handler in handlers
        if (path.startswith(PAYERS) != (handler.opt.get("side") == "payer"))
        or (path.startswith("/bank") and handler.opt.get("side") not in ("bank", "both"))
    ]
    assert wrong == []


def test_payers_addresses_name_their_client(handlers):
    assert [path for path, handler in handlers if handler.opt.get("side") == "payer" and "{client_code" not in path] == []
