"""Lists on pages and in the API: how many rows they show, and whether the next page is offered and is another."""

import re
from html import unescape

import msgspec

from core import paging

BY_HAND = "what people set up by hand, one by one: it stays a handful"
CHOICE = "what a form offers to choose from"
CHAIN = "the links of one payment, at most some hundreds, drawn as one picture"
FAMILY = "what one family owes, or what hangs on one bill or payment"

WHOLE_LISTS: dict[str, str] = {
    **dict.fromkeys(("rules", "routes", "maps", "endpoints", "assignments", "terms", "templates", "keys", "instalments", "items"), BY_HAND),
    **dict.fromkeys(("accounts", "accounts-TUITION", "accounts-SERVICE", "accounts-AGENCY", "rates", "rate-changes", "cases"), BY_HAND),
    "siblings": FAMILY,
    "vendors": BY_HAND,
    "sums": "a row for each vendor of a hospital, which are a handful",
    "trades": FAMILY,
}
"""Tables that may show more rows than a page, by the id on the page, and why."""
CHAINS = ("/console/trace", "/console/go-live/trial/{trial_id}")
"""Pages of one payment's links: their lists bear the names of others'."""
WHOLE_STATEMENTS: dict[str, str] = {
    "FROM core.org_unit": "the tree bounds everybody's reach and is drawn whole",
    "b.name AS branch, k.plugin, s.bills": "a summary row a client and plugin, added up for the branch's board and then paged",
    "FROM core.merchant ": BY_HAND,
    "FROM core.settlement_account ": BY_HAND,
    "FROM core.rate ": BY_HAND,
    "FROM core.channel_account ": BY_HAND,
    "FROM core.bank_connection ": BY_HAND,
    "FROM core.onboarding_case c": BY_HAND,
    "FROM core.payment_route ": BY_HAND,
    "FROM core.match_rule ": BY_HAND,
    "FROM core.recon_assignment ": BY_HAND,
    "FROM core.field_map ": BY_HAND,
    "FROM core.webhook_endpoint ": BY_HAND,
    "FROM core.api_key ": BY_HAND,
    "FROM core.sharing_receiver ": BY_HAND,
    "FROM core.fee_item ": BY_HAND,
    "FROM education.measure": BY_HAND,
    "FROM education.term ": BY_HAND,
    "FROM education.instalment_template ": BY_HAND,
    "FROM education.fee_plan ": BY_HAND,
    "FROM core.merchant m ": BY_HAND,
    'FROM core."user" u LEFT JOIN core.role_grant': "a client's own people, for what its way to collecting lacks",
    "FROM core.user WHERE status = 'active' ORDER BY name, id LIMIT 500": CHOICE,
    "core.client.branding, core.client.settings": CHOICE,
    "SELECT core.counter_entry.shift_id, core.counter_entry.kind, count(*)": "sums by kind of the shifts of one page",
    "WITH owed AS MATERIALIZED ( SELECT party_id": "a page with its sums in the same statement",
    "FROM core.recon_run r WHERE r.finished_at > :since": "days whose equation is out of date, each reckoned once",
    "FROM core.ledger_entry e JOIN core.ledger_account a": "the entries of the journals of one page",
    "SELECT 'bill' AS kind, b.id::text AS id": CHAIN,
    "WITH wanted AS MATERIALIZED": CHAIN,
    "WHERE p.id = :party_id OR p.family_index": FAMILY,
    "FROM core.payment WHERE order_number = :number": FAMILY,
    "FROM core.bill_line ": FAMILY,
    "core.bill.pay_code, core.bill.plugin": FAMILY,
    "FROM core.binding b JOIN core.party p": FAMILY,
    "WHERE p.id = ANY(CAST(:ids AS uuid[])) ORDER BY p.created_at": FAMILY,
    "FROM core.consent LEFT OUTER JOIN core.party": FAMILY,
    "core.payment.order_number, core.payment.channel, core.payment.mchid": FAMILY,
    "EXISTS ( SELECT FROM core.receipt d WHERE d.follows_id = r.id": FAMILY,
    "FROM core.refund r WHERE (r.party_id = ANY(CAST(:party_ids AS uuid[])) OR": FAMILY,
    "SELECT a.id, a.channel, a.mchid, a.appid, a.merchant_id, a.created_at, h.failures": BY_HAND,
    "FROM medical.vendor": BY_HAND,
    "FILTER (WHERE kind = 'pay') AS pays": "a row for each vendor of a hospital, which are a handful",
    "SELECT t.number, t.channel, t.scene, t.status, t.amount_fen, t.created_at, t.decided_at": FAMILY,
    "FROM medical.daily_list l WHERE l.admission_id": FAMILY,
    "SELECT q.visit_id, sum(q.left_fen)": FAMILY,
    "FROM education.student ": "a trial prices every student it is for, and a student's page shows the siblings",
}
"""Statements of pages that may answer more rows than a page, by words of theirs, and why."""
WHOLE_ANSWERS: dict[str, str] = {
    **dict.fromkeys(
        (
            "/api/v1/api-keys", "/api/v1/channel-accounts", "/api/v1/clearing-accounts", "/api/v1/difference-assignments", "/api/v1/fee-items",
            "/api/v1/education/instalment-templates", "/api/v1/education/terms", "/api/v1/match-rules", "/api/v1/merchants",
            "/api/v1/onboarding-cases", "/api/v1/payment-routes", "/api/v1/statement-maps", "/api/v1/webhooks",
        ),
        BY_HAND,
    ),
    "/api/v1/medical/vendor-statements": "a row for each vendor beside a page of lines",
    "/api/v1/org-units": "the tree, which a program needs whole",
    "/api/v1/roles": "what the parts of the house declare: no rows of anybody's",
}  # fmt: skip
"""Lists of the API that come whole, and why."""

_LIST = re.compile(r'<div class="by-list" id="([^"]+)".*?(?=<div class="by-list"|\Z)', re.DOTALL)
_ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
_OWN = re.compile(r'href="[^"]*[0-9a-f]{8}-[0-9a-f]{4}-')


class Table(msgspec.Struct, frozen=True):
    """A list as a page shows it: its rows as HTML, and where its next page lies."""

    id: str
    rows: tuple[str, ...]
    next: str

    @property
    def own(self) -> set[str]:
        """The rows that are told apart by what they lead to."""
        return {row for row in self.rows if _OWN.search(row)}


def tables(page: str) -> list[Table]:
    """Every list of a page."""
    return [_table(found[1], found[0]) for found in _LIST.finditer(page)]


def _table(name: str, part: str) -> Table:
    body = part.partition("<tbody>")[2].partition("</tbody>")[0]
    following = re.search(rf'id="{re.escape(name)}-next" rel="next" href="([^"]+)"', part)
    return Table(name, tuple(_ROW.findall(body)), unescape(following[1]) if following else "")


def too_long(route: str, page: str) -> list[str]:
    """Lists of a page that show more than a page, or as much without a way to the next."""
    found = [table for table in tables(page) if table.id not in WHOLE_LISTS and route not in CHAINS]
    long = [each for each in found if len(each.rows) > paging.PAGE or (len(each.rows) == paging.PAGE and not each.next)]
    return [f"{route}: {each.id} has {len(each.rows)} rows" for each in long]


def unbounded(rows: dict[str, int]) -> list[str]:
    """Statements that answered more rows than a page and the one that tells of the next."""
    return [
        f"{count} rows: {' '.join(sql.split())[:240]}"
        for sql, count in rows.items()
        if count > paging.PAGE + 1 and not any(words in " ".join(sql.split()) for words in WHOLE_STATEMENTS)
    ]
