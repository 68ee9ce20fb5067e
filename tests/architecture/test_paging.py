"""Long lists come by a place, never by counting rows off: no statement skips rows, every list of the API takes a cursor or says why it comes whole.

What pages show with many rows is tried in `tests/pages/test_every_page.py`.
"""

import ast
import re
import typing

import msgspec
import pytest

from core.app import OPENAPI_PATH
from tests.architecture.source import SourceFile, files

SKIPS = re.compile(r"\bOFFSET\b", re.IGNORECASE)
FENCE = re.compile(r"\bOFFSET 0\)")
"""Skips nothing: keeps the planner from taking a sub-query apart."""

BY_HAND = "what people set up by hand, one by one: it stays a handful"
OF_ONE = "what hangs on one thing that is named in the address"
WORDS = "what the program offers, the same for everybody"
WHOLE = {
    "/api/v1/fee-items": BY_HAND,
    "/api/v1/api-keys": BY_HAND,
    "/api/v1/roles": WORDS,
    "/api/v1/org-units": "the tree, which a program needs whole",
    "/api/v1/branches": "the tree, which a program needs whole",
    "/api/v1/counter/shifts/{shift_id}/entries": OF_ONE,
    "/api/v1/counter/scans": "the last ones of the asker's open shift",
    "/api/v1/counter/payouts": "what waits to be handed out at the asker's counter",
    "/api/v1/exports/kinds": WORDS,
    "/api/v1/imports/kinds": WORDS,
    "/api/v1/notice-templates": WORDS,
    "/api/v1/onboarding-cases": BY_HAND,
    "/api/v1/clients/{client_id}/onboarding-cases": BY_HAND,
    "/api/v1/merchants/{merchant_id}/rates": OF_ONE,
    "/api/v1/merchants/{merchant_id}/rate-changes": OF_ONE,
    "/api/v1/clients/{client_id}/merchants/{merchant_id}/rates": OF_ONE,
    "/api/v1/clients/{client_id}/merchants/{merchant_id}/rate-changes": OF_ONE,
    "/api/v1/differences/{difference_id}/events": OF_ONE,
    "/api/v1/medical/admissions/{visit_no}/daily-lists": OF_ONE,
    "/api/v1/refunds/{refund_id}": OF_ONE,
    "/api/v1/reports/daily": "a row for each fee item, with the sums below",
    "/api/v1/people/{party_id}/bindings": OF_ONE,
    "/api/v1/channel-accounts": BY_HAND,
    "/api/v1/payment-routes": BY_HAND,
    "/api/v1/receipt-issuers": WORDS,
    "/api/v1/difference-assignments": BY_HAND,
    "/api/v1/difference-views": BY_HAND,
    "/api/v1/match-rules": BY_HAND,
    "/api/v1/clearing-accounts": BY_HAND,
    "/api/v1/settlement-splits": BY_HAND,
    "/api/v1/statement-sources": WORDS,
    "/api/v1/statement-fetches": "one a source and day, of the few days that are asked for",
    "/api/v1/statement-maps": BY_HAND,
    "/api/v1/clients/{client_id}/plugins": WORDS,
    "/api/v1/plugin-defaults": WORDS,
    "/api/v1/merchants": BY_HAND,
    "/api/v1/clients/{client_id}/merchants": BY_HAND,
    "/api/v1/equations": "the days of one month",
    "/api/v1/webhooks": BY_HAND,
    "/api/v1/support-desk": "the people of the bank's support desk",
    "/api/v1/education/instalment-templates": BY_HAND,
    "/api/v1/education/fee-standards": BY_HAND,
    "/api/v1/education/discounts": BY_HAND,
    "/api/v1/education/terms": BY_HAND,
}
"""Lists that come whole."""
PAYER = "/api/v1/payer/"
"""What a payer's device lists is one family's."""


def _sql(file: SourceFile) -> typing.Iterator[tuple[int, str]]:
    for node in file.nodes(ast.Constant):
        if isinstance(node.value, str) and "SELECT" in node.value:
            yield node.lineno, node.value
    for node in file.nodes(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "offset":
            yield node.lineno, "OFFSET"


def test_no_statement_skips_rows():
    found = [
        f"{file.path}:{number}"
        for file in files()
        if not file.path.startswith("core/sandbox/")
        for number, sql in _sql(file)
        if SKIPS.search(FENCE.sub(")", sql))
    ]
    assert found == []


@pytest.fixture(scope="module")
def lists(app) -> list[tuple[str, object, set[str]]]:
    """Every GET of the API that answers a list: its path, what it answers, what it takes."""
    found = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            path = re.sub(r":\w+\}", "}", route.path)
            if not path.startswith("/api/v1/") or path.startswith((OPENAPI_PATH, PAYER)) or "GET" not in handler.http_methods:
                continue
            signature = handler.parsed_fn_signature
            answer = signature.return_type.annotation
            fields = msgspec.structs.fields(answer) if isinstance(answer, type) and issubclass(answer, msgspec.Struct) else ()
            if typing.get_origin(answer) is list or any(field.name == "items" for field in fields):
                found.append((path, answer, set(signature.parameters)))
    return found


def test_every_list_of_the_api_takes_a_cursor_or_says_why_it_comes_whole(lists):
    assert len(lists) > 60
    missing = [path for path, _answer, takes in lists if path not in WHOLE and not {"cursor", "limit"} <= takes]
    assert not missing, "\n".join(missing)


def test_every_list_that_takes_a_cursor_tells_the_next_one(lists):
    silent = [path for path, answer, takes in lists if "cursor" in takes and "next_cursor" not in getattr(answer, "__struct_fields__", ())]
    assert silent == []


def test_what_comes_whole_is_still_there(lists):
    assert set(WHOLE) - {path for path, _answer, takes in lists if "cursor" not in takes} == set()
