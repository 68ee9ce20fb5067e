"""The plugin contract, with `core/events.py`; docs/hooks.md has a heading and the tests a test for each hook. `register_*` declares, once at
start. `propose_*` runs inside the transaction; core decides. `*_settled`, `*_issued`, `*_asked`, … react after the commit, at least once, where
the plugin is enabled."""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pluggy
from sqlalchemy import MetaData

from core.events import (
    BillsIssued,
    BindingFacts,
    BindingProposal,
    PaymentRefunded,
    PaymentSettled,
    RefundAsked,
    RefundProposal,
    RepostAsked,
    StatementReceived,
)

spec, hook = pluggy.HookspecMarker("banyan"), pluggy.HookimplMarker("banyan")


class PluginInfo(msgspec.Struct, frozen=True):
    """Who a plugin is: `code` is also its PostgreSQL schema; `client_kinds` are the kinds of client it can serve."""

    code: str
    title: str
    client_kinds: tuple[str, ...]
    summary: str
    package: str


class Permission(msgspec.Struct, frozen=True):
    """A right, `{plugin}.{object}.{action}`."""

    code: str
    title: str


class Role(msgspec.Struct, frozen=True):
    """A bundle of rights over a scope: TENANT, ORG_SUBTREE, ORG, or (bank side) ALL, BRANCH. `conflicts` may not be held together.

    A role `for_keys` is held by a client's systems alone, never by a person.
    """

    code: str
    title: str
    scope: str
    permissions: frozenset[str]
    side: str = "client"
    conflicts: frozenset[str] = frozenset()
    for_keys: bool = False


class MenuItem(msgspec.Struct, frozen=True):
    """A line in the console's menu, shown to those who hold the permission; with `side="h5"` on the payer's own page, `path` after `/h5/{client}`."""

    section: str
    title: str
    path: str
    permission: str
    icon: str = "point"
    position: int = 100
    side: str = "console"


class WorkItem(msgspec.Struct, frozen=True):
    """A line of a role's work list: `count(session, actor)` says how many wait within reach (None: no line; or a Waiting, a Figure), `path` lists them."""

    code: str
    title: str
    permission: str
    count: Callable[[Any, Any], Awaitable[int | None]]
    path: str
    hint: str = ""
    position: int = 100
    side: str = "console"


class JobKind(msgspec.Struct, frozen=True):
    """Long work: `run(context, params)` is resumable, reports progress in `unit`s (`张账单`) and returns a JSON-able result."""

    code: str
    title: str
    run: Callable[..., Awaitable[Any]]
    unit: str = ""


class Importer(msgspec.Struct, frozen=True):
    """A file that comes in: `check` judges every row and changes nothing, `apply` writes the good ones."""

    code: str
    title: str
    permission: str
    suffixes: tuple[str, ...]
    check: Callable[..., Awaitable[Any]]
    apply: Callable[..., Awaitable[Any]]
    template: Callable[[], bytes] | None = None
    template_name: str = ""


class Export(msgspec.Struct, frozen=True):
    """A list as Excel, of the tuples of `rows(session, filters, reach)`; `columns`: (title, text|money (fen)|number|date|datetime|name|party|phone|id_no)."""

    code: str
    title: str
    permission: str
    columns: tuple[tuple[str, str], ...]
    rows: Callable[[Any, dict[str, str], list[UUID] | None], AsyncIterator[Sequence[Any]]]


class PulseStep(msgspec.Struct, frozen=True):
    """`run(platform, tenant_id)` does what is due, idempotently (at times twice at once), and says when more will be; `bank` steps run for the bank too."""

    code: str
    run: Callable[[Any, UUID], Awaitable[dt.datetime | None]]
    bank: bool = False


class Check(msgspec.Struct, frozen=True):
    """Invariants that `banyan audit` proves for a tenant: `list_faults(session)` gives what breaks each, by invariant."""

    code: str
    list_faults: Callable[[Any], Awaitable[dict[str, Sequence[Any]]]]


class Command(msgspec.Struct, frozen=True):
    """A verb of the `banyan` command: `banyan {plugin} {name}`; `configure` adds its arguments, `run` answers its exit code."""

    name: str
    summary: str
    configure: Callable[..., None]
    run: Callable[..., Awaitable[int]]


class Approval(msgspec.Struct, frozen=True):
    """Something a second person decides: `execute(session, subject_id, proposal, by)` does it once that person agreed. `describe(proposal)`
    tells `[(what, before, after), …]`, `path` leads to the subject (`{id}`), `refused` hears of a no or a withdrawal."""

    kind: str
    title: str
    permission: str
    execute: Callable[..., Awaitable[Any]]
    describe: Callable[[dict[str, Any]], Sequence[tuple[str, str, str]]] | None = None
    path: str = ""
    refused: Callable[..., Awaitable[Any]] | None = None


class Blueprint(msgspec.Struct, frozen=True):
    """What a new client of a kind starts with: plugins to switch on, merchants to prepare, settings."""

    kind: str
    title: str
    plugins: tuple[str, ...]
    merchants: tuple[tuple[str, str], ...]
    admin_roles: tuple[str, ...]
    settings: dict[str, Any] = {}


@spec
def register_plugin() -> PluginInfo:
    """Say who you are; every plugin does."""


@spec
def register_metadata() -> MetaData:
    """Give the tables of your schema; your migrations create them."""


@spec
def register_routes() -> Sequence[Any]:
    """Give Litestar route handlers or routers; they answer 404 for a client that does not have you."""


@spec
def register_permissions() -> Sequence[Permission]:
    """Name the rights your routes ask for."""


@spec
def register_roles() -> Sequence[Role]:
    """Offer roles that bundle rights, yours and core's."""


@spec
def register_fee_categories() -> Sequence[str]:
    """Name the categories that fee items of yours may have, in your trade's words; without it any word will do."""


@spec
def register_refund_policies() -> Sequence[str]:
    """Name the refund policies that fee items of yours may have besides core's; what each comes to you say in `propose_refund`."""


@spec
def register_menu() -> Sequence[MenuItem]:
    """Add lines to the console's menu."""


@spec
def register_worklist() -> Sequence[WorkItem]:
    """Add lines to the work list that people of a role open on."""


@spec
def register_templates() -> Path:
    """Give the folder of your page templates; name files `<plugin>/<page>.html`."""


@spec
def register_jobs() -> Sequence[JobKind]:
    """Offer long work that workers run with progress."""


@spec
def register_importers() -> Sequence[Importer]:
    """Offer files that can be imported, from the page, the API and `banyan import`."""


@spec
def register_exports() -> Sequence[Export]:
    """Offer lists that can be exported to Excel."""


@spec
def register_pulse() -> Sequence[PulseStep]:
    """Add steps that workers run for a client within seconds of having work, and again when they said."""


@spec
def register_nightly() -> Sequence[PulseStep]:
    """Add steps that workers run for a client every night at 02:00; their answer is not used."""


@spec
def register_checks() -> Sequence[Check]:
    """Add invariants that `banyan audit` proves."""


@spec
def register_channels() -> Sequence[Any]:
    """Offer payment channels (`core.payments.channels.protocol.Channel`)."""


@spec
def register_statement_sources() -> Sequence[Any]:
    """Offer kinds of statement files (`core.statements.protocol.StatementSource`): a client's own business system, a shop platform, another channel."""


@spec
def register_statement_fetchers() -> Sequence[Any]:
    """Offer what fetches statement files by schedule (`core.statements.fetchers.Fetcher`)."""


@spec
def register_notices() -> Sequence[Any]:
    """Offer events that people are told of (`core.notices.events.NoticeEvent`)."""


@spec
def register_approvals() -> Sequence[Approval]:
    """Offer decisions that need a second person."""


@spec
def register_benchmarks() -> Sequence[Any]:
    """Offer figures that `banyan bench` measures (`core.bench.figures.Benchmark`), each against the bare engine in the same run."""


@spec
def register_commands() -> Sequence[Command]:
    """Add verbs to the `banyan` command."""


@spec
def register_blueprints() -> Sequence[Blueprint]:
    """Offer starting points for new clients."""


@spec
def register_sandbox() -> Sequence[Any]:
    """Offer parts of the outside world (`core.sandbox.world.World`) that the sandbox plays beside its own."""


@spec
def register_search() -> Sequence[Any]:
    """Offer what the search box finds (`core.search.sources.Source`)."""


@spec
def register_go_live() -> Sequence[Any]:
    """Offer steps of a client's way to collecting (`core.golive.steps.Step`); one of the same code takes the place of core's."""


@spec
async def load_demo(platform: Any, client: Any, folder: Path) -> None:
    """Load a demo client's sample data; runs once per client, again without effect."""


@spec
async def propose_binding(session: Any, keys: Any, facts: BindingFacts) -> BindingProposal | None:
    """Say which person fits the facts a payer typed, if one does."""


@spec
async def propose_refund(session: Any, asked: RefundAsked) -> RefundProposal | None:
    """Say what your refund policies give back of your bill's lines, if you have any."""


@spec
async def propose_refund_wait(session: Any, bill_ids: Sequence[UUID]) -> Mapping[UUID, str] | None:
    """Say which of your bills must not be refunded yet, and why: something elsewhere has to be taken back first."""


@spec
async def propose_ticket_facts(session: Any, bill_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[tuple[str, str]]] | None:
    """Say what the tickets of your bills show besides core's own facts, as labels and values in their order."""


@spec
async def propose_contacts(session: Any, party_ids: Sequence[UUID]) -> Sequence[BindingProposal]:
    """Give the phones you keep for some people, for a message to those whom no payer has bound."""


@spec
async def bills_issued(session: Any, event: BillsIssued) -> None:
    """React to bills that became visible."""


@spec
async def payment_settled(session: Any, event: PaymentSettled) -> None:
    """React to money that was received and booked."""


@spec
async def payment_refunded(session: Any, event: PaymentRefunded) -> None:
    """React to money that went back to a payer."""


@spec
async def statement_received(session: Any, event: StatementReceived) -> None:
    """React to a statement that was loaded."""


@spec
async def repost_asked(session: Any, event: RepostAsked) -> None:
    """React to a difference that your business system should mend by posting."""
