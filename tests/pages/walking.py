"""Every page of the application's own route table: its address in the demo school, and somebody who may see it."""

import itertools

import msgspec
from litestar import Litestar
from sqlalchemy import text

NOT_PAGES = {
    "/healthz": "for machines",
    "/readyz": "for machines",
    "/static/{file_path}": "a file",
    "/bank/portfolio.xlsx": "a file",
    "/brand/{name}": "a stylesheet",
    "/notify/wechat-messages/{client_code}": "for WeChat",
    "/console/files/{file_id}": "a download",
    "/console/inbox/bell": "a piece of a page",
    "/console/jobs/{job_id}/events": "a stream for a page's own script",
    "/console/bindings/{binding_id}": "leads to the person's page",
    "/console/refund-items/{item_id}": "leads to its refund",
    "/console/remedies/{remedy_id}": "leads to its difference",
    "/bank/clients/{client_id}/rate-changes/{change_id}": "leads to the merchant's rates",
    "/h5/{client_code}/wechat": "leads to WeChat and back",
    "/h5/{client_code}/q/{code}": "leads to the page of what the code is for",
}
"""Addresses that nobody looks at, and why."""
_FILES = (
    "/template", "/rejected", "/qr.png", "/pdf", "/letter", "/original", "/statement.xlsx", "/statement.pdf", "/{document_id}", "/{event_id}",
    "/files/{entry_id}", "/files/{artefact_id}",
)  # fmt: skip
"""Ends of addresses that give a file."""

PLACES = {
    "admission_id": "medical.admission", "balance_id": "medical.legacy_balance", "patient_id": "medical.patient", "vendor_id": "medical.vendor",
    "room_id": "education.dorm_room",
    "robot_id": "medical.robot", "authorisation_id": "medical.robot_authorisation", "task_id": "medical.robot_task", "day_id": "medical.store_day",
    "account_id": "core.channel_account", "approval_id": "core.approval", "arrival_id": "core.channel_arrival", "bill_id": "core.bill",
    "case_id": "core.onboarding_case", "code_id": "core.static_code", "consent_id": "core.support_consent", "delivery_id": "core.webhook_delivery",
    "difference_id": "core.recon_difference", "discount_id": "education.discount", "entry_id": "core.bank_entry",
    "grant_id": "education.discount_grant", "item_id": "core.suspense_item", "job_id": "core.job", "journal_id": "core.ledger_journal",
    "map_id": "core.field_map", "merchant_id": "core.merchant", "notice_id": "core.notice", "party_id": "core.party",
    "payment_id": "core.payment", "plan_id": "education.fee_plan", "receipt_id": "core.receipt", "refund_id": "core.refund",
    "remedy_id": "core.recon_remedy", "shift_id": "core.cashier_shift", "statement_id": "core.statement", "student_id": "education.student",
    "template_id": "education.instalment_template", "ticket_id": "core.support_ticket", "trial_id": "core.go_live_trial", "user_id": "core.user",
}  # fmt: skip
"""What an id in an address is the id of, unless the address itself says so below."""

_STAY = "JOIN core.binding d ON d.party_id = a.patient_id AND d.status = 'bound'"
SQL = {
    "/console/medical/orders/{number} number": "SELECT number FROM medical.med_order WHERE status = 'posted' ORDER BY number LIMIT 1",
    "/console/medical/post-failures/{number} number": "SELECT number FROM medical.med_order WHERE status = 'post_failed' ORDER BY number LIMIT 1",
    "/console/medical/store-days/{day_id} day_id": "SELECT id FROM medical.store_day WHERE status = 'different' ORDER BY id LIMIT 1",
    "/console/medical/returns/{number} number": "SELECT number FROM medical.med_return ORDER BY number LIMIT 1",
    "/h5/{client_code}/medical/orders/{number} number": "SELECT o.number FROM medical.med_order o JOIN core.binding d ON d.party_id = o.patient_id LIMIT 1",
    **{
        f"/h5/{{client_code}}/medical/inpatients/{{admission_id}}{end} admission_id": f"SELECT a.id FROM medical.admission a {_STAY} LIMIT 1"
        for end in ("", "/days/{day}", "/deposit")
    },
    "/h5/{client_code}/medical/inpatients/{admission_id}/days/{day} day": f"""SELECT l.list_on FROM medical.daily_list l
        JOIN medical.admission a ON a.id = l.admission_id {_STAY} ORDER BY l.list_on LIMIT 1""",
    "/console/bills/{bill_id}/adjust bill_id": "SELECT id FROM core.bill WHERE status = 'issued' ORDER BY number LIMIT 1",
    "/console/bills/{bill_id}/move bill_id": "SELECT id FROM core.bill WHERE paid_fen > 0 ORDER BY number LIMIT 1",
    "/console/imports/{batch_id} batch_id": "SELECT id FROM core.import_batch LIMIT 1",
    "/console/refund-batches/{batch_id} batch_id": "SELECT id FROM core.refund_batch LIMIT 1",
    "/console/remedy-batches/{batch_id} batch_id": "SELECT id FROM core.recon_remedy_batch LIMIT 1",
    "/console/settlement-batches/{batch_id} batch_id": "SELECT id FROM core.settlement_batch LIMIT 1",
    "/console/education/standards/items/{item_id} item_id": "SELECT id FROM core.fee_item ORDER BY position LIMIT 1",
    "/console/education/plans/{plan_id}/edit plan_id": "SELECT id FROM education.fee_plan WHERE status = 'draft' LIMIT 1",
    "/console/education/plans/{plan_id}/trial/students/{student_no} plan_id": "SELECT id FROM education.fee_plan WHERE status = 'published' LIMIT 1",
    "/console/notices/{notice_id} notice_id": "SELECT id FROM core.notice WHERE means = 'sms' LIMIT 1",
    "/console/receipts/{receipt_id} receipt_id": "SELECT id FROM core.receipt WHERE number IS NOT NULL ORDER BY number LIMIT 1",
    "/h5/{client_code}/bills/{bill_id} bill_id": "SELECT id FROM core.bill WHERE paid_fen > 0 ORDER BY number LIMIT 1",
    "/h5/{client_code}/bills/{bill_id}/refund bill_id": "SELECT id FROM core.bill WHERE paid_fen > 0 ORDER BY number LIMIT 1",
    "code": "SELECT code FROM core.ledger_account ORDER BY code LIMIT 1",
    "/console/exports/{code}/clear code": "SELECT 'billing.bills'",
    "day": "SELECT bill_on::text FROM core.recon_run ORDER BY bill_on DESC LIMIT 1",
    "month": "SELECT to_char(bill_on, 'YYYY-MM') FROM core.settlement_batch LIMIT 1",
    "name": """SELECT r.id FROM core.receipt r JOIN core.bill b ON b.id = r.bill_id JOIN core.binding d USING (party_id)
        WHERE d.status = 'bound' ORDER BY r.number LIMIT 1""",
    "number": "SELECT number FROM core.payment_order ORDER BY created_at LIMIT 1",
    "row_no": "SELECT '1'",
    "subject": "SELECT 'bill'",
    "object_id": "SELECT id FROM core.bill ORDER BY number LIMIT 1",
    "/bank/history/{subject}/{object_id} subject": "SELECT 'client'",
    "/bank/history/{subject}/{object_id} object_id": "SELECT id FROM core.client ORDER BY code LIMIT 1",
    "/bank/go-live/{client_id}/steps/{code} code": "SELECT 'profile'",
    "/console/go-live/steps/{code} code": "SELECT 'profile'",
    "student_no": "SELECT student_no FROM education.student ORDER BY student_no LIMIT 1",
    "event": "SELECT 'bill_issued'",
    "ticket": "SELECT 'fiscal'",
    "/h5/{client_code}/bind/{ticket_id} ticket_id": "SELECT id FROM core.one_time_code WHERE purpose = 'bind_ticket' LIMIT 1",
    "/h5/{client_code}/bind/{ticket_id}/code ticket_id": "SELECT id FROM core.one_time_code WHERE purpose = 'bind_ticket' LIMIT 1",
    "/verify/{client_code}/{number} number": "SELECT number FROM core.receipt WHERE number IS NOT NULL ORDER BY number LIMIT 1",
}  # fmt: skip
"""Values that are not simply a table's first id: by their name, or by address and name where it matters which row."""

QUERY = {
    "/console/trace": "number=(SELECT order_number FROM core.payment LIMIT 1)",
    "/console/counter/scan": """bill=(SELECT id FROM core.bill WHERE status = 'issued' ORDER BY number LIMIT 1)&q=(SELECT p.number FROM core.bill b
        JOIN core.party p ON p.id = b.party_id WHERE b.status = 'issued' ORDER BY b.number LIMIT 1)""",
    "/console/channels/new": "channel=('wechatpay')",
    "/console/exports/{code}/clear": "_page=('/console/bills')",
    "/console/education/grants/new": "student=(SELECT id FROM education.student ORDER BY student_no LIMIT 1)",
    "/console/imports/new": "kind=('education.roster')",
    "/console/notice-runs/one": "run=(SELECT source FROM core.bill LIMIT 1)",
    "/console/refunds/new": "bill=(SELECT id FROM core.bill WHERE paid_fen > 0 ORDER BY number LIMIT 1)",
    "/h5/{client_code}/pay": """bill=(SELECT b.id FROM core.bill b JOIN core.binding d USING (party_id)
        WHERE d.status = 'bound' AND b.paid_fen < b.amount_fen ORDER BY b.number LIMIT 1)""",
    "/verify/{client_code}/{number}": "code=(SELECT verify_code FROM core.receipt WHERE number IS NOT NULL ORDER BY number LIMIT 1)",
}
"""What an address asks for besides; the value is SQL."""

HOSPITAL = "medical"
"""Pages of this plugin are walked in the demo hospital, all others in the school."""
HOSPITAL_STAFF = (
    "hospital.admin", "hospital.accountant", "hospital.finance", "hospital.cashier", "hospital.insurance", "hospital.heart", "hospital.treasurer",
    "hospital.robots", "hospital.pharmacy",
)  # fmt: skip
STAFF = (
    "school.admin", "school.finance", "school.accountant", "school.treasurer", "school.cashier", "school.standards", "school.roster", "school.teacher",
    "school.dorm", "school.canteen",
)  # fmt: skip
BANK = ("hq.chen", "branch.zhou", "sys.lin", "manager.sun", "support.qian", "auditor.zheng")
HOMES = {"/console": STAFF, "/bank": BANK}
"""A page that everybody sees and that is another for each role."""
STRANGERS = {"/h5/{client_code}/bind", "/h5/{client_code}/login", "/h5/{client_code}/login/code", "/h5/{client_code}/code"}
"""Pages for a phone that knows nobody yet."""
STEPS = {"/login/code": "code", "/login/enrol": "enrol", "/login/password": "password"}
"""Pages of somebody between the steps of the log-in."""


LOOKERS = {
    "/console/approvals/{approval_id}": "school.finance",
    "/console/imports/{batch_id}": "school.roster",
    "/console/imports/new": "school.roster",
    "/console/counter/scans/{number}": "school.cashier",
}
"""Pages that are not everybody's who holds the right."""


class Route(msgspec.Struct, frozen=True):
    """An address as the application declares it."""

    path: str
    side: str
    permission: str
    plugin: str = "core"


class Page(msgspec.Struct, frozen=True):
    """A route with its address and the login of whoever looks: `payer`, `stranger`, a step of the log-in, or empty for nobody."""

    route: str
    address: str
    who: str

    @property
    def name(self) -> str:
        """A file name that says which page: its route without braces."""
        return (self.route + (f"-{self.who}" if self.route in HOMES else "")).strip("/").replace("/", "-").replace("{", "").replace("}", "") or "root"


def routes(app: Litestar) -> list[Route]:
    """Everything a browser may GET, API and its description apart."""
    found = [
        Route(route.path_format, handler.opt.get("side", "client"), handler.opt["permission"], handler.opt.get("plugin", "core"))
        for route in app.routes
        if not route.path.startswith(("/api/v1", "/schema"))
        for handler in getattr(route, "route_handlers", [])
        if "GET" in handler.http_methods and "permission" in handler.opt
    ]
    return sorted(set(found), key=lambda route: route.path)


def program_lists(app: Litestar) -> list[Route]:
    """What a program may GET without naming a thing."""
    found = [
        Route(route.path_format, handler.opt.get("side", "client"), handler.opt["permission"], handler.opt.get("plugin", "core"))
        for route in app.routes
        if route.path.startswith("/api/v1/") and "{" not in route.path_format
        for handler in getattr(route, "route_handlers", [])
        if "GET" in handler.http_methods
    ]
    return sorted(set(found), key=lambda route: route.path)


def is_page(route: Route) -> bool:
    """Whether somebody looks at it."""
    return route.path not in NOT_PAGES and not route.path.endswith(_FILES)


class Resolver:
    """Turns routes into pages by what stands in the database."""

    def __init__(self, platform, client, bank_id, rights: dict[str, set[str]], staff: tuple[str, ...] = STAFF, payer: str = "payer") -> None:
        self._platform, self._client, self._bank_id, self._rights = platform, client, bank_id, rights
        self._staff, self._payer = staff, payer
        self.lost: list[str] = []
        """Routes for which no address was found, with the reason."""

    async def pages(self, found: list[Route]) -> list[Page]:
        """The pages of these routes, one for each, homes once for every role."""
        made = [await self._page(route) for route in found if is_page(route)]
        return list(itertools.chain.from_iterable(made))

    async def _page(self, route: Route) -> list[Page]:
        try:
            address = await self._address(route)
        except LookupError as error:
            self.lost.append(f"{route.path}: {error}")
            return []
        people = HOMES.get(route.path) or [self._who(route)]
        if None in people:
            self.lost.append(f"{route.path}: nobody of the demo holds {route.permission}")
            return []
        return [Page(route.path, address, who) for who in people]

    async def _address(self, route: Route) -> str:
        address, tenant = route.path, self._bank_id if route.side == "bank" else self._client.id
        for name in [part[1:-1] for part in route.path.split("/") if part.startswith("{")]:
            address = address.replace(f"{{{name}}}", await self._value(route, name, tenant), 1)
        if route.path in QUERY:
            parts = [part.partition("=") for part in QUERY[route.path].split("&")]
            address += "?" + "&".join([f"{key}={await self._one(f'SELECT {sql}', self._client.id)}" for key, _, sql in parts])
        return address

    async def _value(self, route: Route, name: str, tenant) -> str:
        if name == "client_code":
            return self._client.code
        if name == "client_id":
            return str(self._client.id)
        if own := SQL.get(f"{route.path} {name}") or SQL.get(name):
            return await self._one(own, tenant)
        if name not in PLACES:
            raise LookupError(f"what is {name}?")
        inner = name in ("merchant_id", "case_id") and route.side == "bank"
        return await self._one(f"SELECT id FROM {PLACES[name]} ORDER BY id LIMIT 1", self._client.id if inner else tenant)

    async def _one(self, sql: str, tenant) -> str:
        async with self._platform.database.tenant(tenant) as session:
            value = await session.scalar(text(sql.replace(":", r"\:")))
        if value is None:
            raise LookupError(f"no row: {sql}")
        return str(value)

    def _who(self, route: Route) -> str | None:
        if route.path in STEPS or route.path in LOOKERS:
            return STEPS.get(route.path) or LOOKERS[route.path]
        if route.path in STRANGERS or "/bind/{ticket_id}" in route.path:
            return "stranger"
        if route.side == "payer":
            return self._payer
        if route.permission == "public":
            return ""
        return self.holder(route)

    def holder(self, route: Route) -> str | None:
        """The login of the first of the demo's people who may."""
        people = BANK if route.side == "bank" else self._staff
        return next((who for who in people if route.permission == "any" or route.permission in self._rights[who]), None)
