"""What a tester does from outside the wire: registers hospitals, looks at what their HIS has, takes a day's statement; and the page of it."""

import csv
import datetime as dt
import io
from pathlib import Path

import msgspec
from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from litestar import Response, Router, get, post
from litestar.datastructures import State
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, JSONBody

from core import clock
from core.money import format_yuan
from core.sandbox import pages
from plugins.medical.his import statement
from plugins.medical.sandbox.his import bookings, hospitals
from plugins.medical.sandbox.his.bookings import Booking, Refused
from plugins.medical.sandbox.his.hospitals import Hospital
from plugins.medical.sandbox.his.kinds import KINDS

SHOWN = 100
WORDS = {"payment": "上账", "refund": "退费", "reversal": "医保撤销", "posted": "已入账", "cancelled": "已撤销"}
DEEDS = {"register": "挂号", "deposit": "住院预交", "discharge": "住院结算"}
WAYS = {channel: way for way, channel in statement.CHANNELS.items()}
_ENVIRONMENT = Environment(
    loader=ChoiceLoader([FileSystemLoader(Path(__file__).parent / "templates"), FileSystemLoader(pages.HERE / "templates")]), autoescape=True
)
_ENVIRONMENT.filters["yuan"] = format_yuan
_ENVIRONMENT.filters["local"] = lambda at: f"{at.astimezone(clock.SHANGHAI):%m-%d %H:%M:%S}"


class HospitalCreate(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class HospitalRead(msgspec.Struct):
    """Everything a platform needs to reach this HIS."""

    name: str
    base_url: str
    app_id: str
    secret: str


class BookingCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A payment that somebody books by hand in the HIS, so that it has what the platform does not."""

    number: str
    amount_fen: int
    channel: str = "wechatpay"


@post("/his/hospitals", summary="登记医院，取得地址与密钥")
async def register(data: JSONBody[HospitalCreate], state: State) -> HospitalRead:
    """Put a hospital on record."""
    async with state.sandbox.pool.acquire() as connection:
        return _read(await hospitals.register(connection, data.name), state)


@post("/his/hospitals/{app_id:str}/secrets", summary="更换密钥，旧密钥立即失效")
async def rotate(app_id: FromPath[str], state: State) -> HospitalRead:
    """Give a hospital another secret."""
    async with state.sandbox.pool.acquire() as connection:
        return _read(_known(await hospitals.change_secret(connection, app_id)), state)


@get("/his/kinds", summary="HIS 的全部故障种类", sync_to_thread=False)
def kinds() -> list[dict[str, object]]:
    """Every way in which a HIS can err; set at /sandbox/api/faults."""
    return [msgspec.to_builtins(kind) for kind in KINDS]


@get("/his/hospitals/{app_id:str}/bookings", summary="HIS 已记的账")
async def look(app_id: FromPath[str], state: State) -> list[Booking]:
    """What the HIS has booked, the newest first."""
    async with state.sandbox.pool.acquire() as connection:
        _known(await hospitals.find(connection, app_id))
        return await bookings.latest(connection, app_id, 1000)


@post("/his/hospitals/{app_id:str}/bookings", summary="在 HIS 手工记一笔收款")
async def book(app_id: FromPath[str], data: JSONBody[BookingCreate], state: State) -> list[Booking]:
    """Book a payment that the platform knows nothing of."""
    trades = [{"number": data.number, "channel": data.channel, "amount_fen": data.amount_fen}]
    async with state.sandbox.pool.acquire() as connection:
        _known(await hospitals.find(connection, app_id))
        try:
            return await bookings.book(connection, app_id, "payment", data.number, {"amount_fen": data.amount_fen, "trades": trades})
        except Refused as error:
            raise ClientException(str(error)) from error


@get("/his/hospitals/{app_id:str}/statements/{day:date}", summary="某日 HIS 对账单（CSV）")
async def statement_of(app_id: FromPath[str], day: FromPath[dt.date], state: State) -> Response:
    """A day's statement as the HIS would hand it over; names are masked by leaving them out."""
    async with state.sandbox.pool.acquire() as connection:
        _known(await hospitals.find(connection, app_id))
        found = await bookings.list_day(connection, app_id, day)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(statement.LAYOUT)
    writer.writerows(row for booking in found for row in _rows(booking, day))
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8")


@get("/")
async def index(state: State) -> Response:
    """Every hospital on record."""
    async with state.sandbox.pool.acquire() as connection:
        return _page("his_hospitals.html", hospitals=await hospitals.list_all(connection))


@get("/{app_id:str}")
async def hospital(app_id: FromPath[str], state: State) -> Response:
    """One hospital's books."""
    async with state.sandbox.pool.acquire() as connection:
        found = _known(await hospitals.find(connection, app_id))
        return _page("his_hospital.html", hospital=found, bookings=await bookings.latest(connection, app_id, SHOWN), words=WORDS, today=clock.today())


def _rows(booking: Booking, day: dt.date) -> list[list[str]]:
    """A row of the statement for each trade of a booking; reversals move no cash and stand in none."""
    told, sign = booking.payload, -1 if booking.kind == "refund" else 1
    if booking.kind == "reversal":
        return []
    trades = told.get("trades") or []
    parts = {"医保统筹": told.get("fund_fen", 0), "个人账户": told.get("account_fen", 0)}
    rows = []
    for place, trade in enumerate(trades):
        cash_fen = booking.amount_fen if len(trades) == 1 else trade["amount_fen"]
        insured = parts if place == 0 else {}
        values = {
            "业务日期": day.isoformat(), "HIS流水号": booking.serial if place == 0 else f"{booking.serial}-{place}", "患者编号": told.get("patient_no", ""),
            "业务类型": "退费" if sign < 0 else DEEDS.get(told.get("kind", ""), "门诊"), "支付方式": WAYS.get(trade["channel"], trade["channel"]),
            "商户订单号": trade["number"], "现金支付": _yuan(sign * cash_fen), "交易金额": _yuan(sign * (cash_fen + sum(insured.values()))),
            **{name: _yuan(sign * insured.get(name, 0)) for name in parts},
            "交易时间": f"{booking.booked_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}", "原HIS流水号": told.get("his_serial") or "",
        }  # fmt: skip
        rows.append([values.get(name, "") for name in statement.LAYOUT])
    return rows


def _yuan(fen: int) -> str:
    return format_yuan(fen).replace(",", "")


def _known(found: Hospital | None) -> Hospital:
    if found is None:
        raise NotFoundException("没有这家医院")
    return found


def _read(made: Hospital, state: State) -> HospitalRead:
    return HospitalRead(made.name, f"{state.sandbox.settings.public_url}/his/v1", made.app_id, made.secret)


def _page(name: str, **context: object) -> Response:
    html = _ENVIRONMENT.get_template(name).render(**context)
    return Response(html, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})


router = Router("/sandbox/api", route_handlers=[register, rotate, kinds, look, book, statement_of], tags=["医院 HIS"])
page_router = Router("/his", route_handlers=[index, hospital])
