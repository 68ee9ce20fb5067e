"""Reports in the console: every number says how it is made and leads to the rows behind it."""

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core.billing import filters, lists_repository, repository, units
from core.billing.units import Units
from core.database import Session
from core.exports import service as exports
from core.identity.actor import Actor
from core.platform import Platform
from core.reports import collection, daily, ledgers, pictures
from core.reports.exports import DETAILS, span_of
from core.reports.words import level_title
from core.tenancy.directory import ClientProfile
from core.web.filters import period as period_words
from core.web.templating import render

READ = {"permission": collection.READ}


async def _choices(session: Session, tree: Units) -> dict[str, object]:
    """What the filter bar of every report offers."""
    return {
        "units": tree.choices(),
        "items": [(row.code, row.name) for row in await repository.list_items(session)],
        "periods": [(period, period_words(period)) for period in await lists_repository.list_periods(session)],
    }


@get("/console/reports", opt=READ, include_in_schema=False)
async def collection_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], by: FromQuery[str] = ""
) -> Response:
    """Collection by level of the org tree or by item."""
    asked = filters.read(request.query_params)
    tree = await units.load(session, actor.reach(collection.READ))
    found = await collection.report(session, tree, asked, by)
    kinds = [*tree.kinds()]
    below = kinds[kinds.index(found.by) + 1] if found.by in kinds[:-1] else collection.ITEM
    dimensions = [(dimension, level_title(dimension, client.plugins)) for dimension in collection.dimensions(tree)]
    return render(
        request, "reports/collection.html", report=found, asked=asked, below=below, dimensions=dimensions, picture=pictures.collected(found),
        may_export=actor.may("exports.make"), **await _choices(session, tree),
    )  # fmt: skip


@get("/console/reports/daily", opt=READ, include_in_schema=False)
async def daily_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], by: FromQuery[str] = ""
) -> Response:
    """What was booked, item by unit."""
    start, until = daily.days_of(request.query_params)
    tree = await units.load(session, actor.reach(collection.READ))
    org = filters.uuid_of(request.query_params.get("org"))
    found = await daily.report(session, tree, start, until, org, by)
    levels = [(kind, level_title(kind, client.plugins)) for kind in tree.kinds()]
    return render(
        request, "reports/daily.html", report=found, org=org, units=tree.choices(), levels=levels,
        may_export=actor.may("exports.make"),
    )  # fmt: skip


@get("/console/reports/unpaid", opt=READ, include_in_schema=False)
async def unpaid_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Who owes, and how much."""
    asked = filters.read(request.query_params)
    tree = await units.load(session, actor.reach(collection.READ))
    page = await ledgers.debtors(session, tree, asked, cursor)
    return render(
        request, "reports/unpaid.html", found=page, asked=asked, may_export=actor.may("exports.make"), **await _choices(session, tree)
    )


@get("/console/reports/discounts", opt=READ, include_in_schema=False)
async def discount_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Every discount with the rule that gave it."""
    asked = filters.read(request.query_params)
    tree = await units.load(session, actor.reach(collection.READ))
    page = await ledgers.discounts(session, tree, asked, cursor)
    return render(
        request, "reports/discounts.html", found=page, asked=asked, may_export=actor.may("exports.make"), **await _choices(session, tree)
    )


@get("/console/reports/details", opt=READ, include_in_schema=False)
async def detail_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Bill lines with the payments on them, as the export has them."""
    asked = filters.read(request.query_params)
    tree = await units.load(session, actor.reach(collection.READ))
    page = await ledgers.details(session, tree, asked, span_of(request.query_params), cursor)
    offered = [code for code in exports.exports(platform, client, actor) if code.endswith(DETAILS)]
    own = [code for code in offered if code != "reports" + DETAILS]
    return render(
        request, "reports/details.html", found=page, asked=asked, export=(own or offered or [""])[0] if actor.may("exports.make") else "",
        **await _choices(session, tree),
    )  # fmt: skip


ROUTES = [collection_page, daily_page, unpaid_page, discount_page, detail_page]
