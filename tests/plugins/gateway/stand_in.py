"""River Bank's gateway as its documents describe it, in memory: what a channel package is tested against before the bank lends its own."""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable

import httpx
import msgspec

from tests.plugins.gateway.signing import holds, sign


class Refused(Exception):
    """A refusal in the gateway's words."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class StandIn:
    """An ASGI application; `secrets` are the merchants it knows, `faults` what goes wrong next, by order."""

    def __init__(self) -> None:
        self.url = ""
        self.secrets: dict[str, str] = {}
        self.orders: dict[tuple[str, str], dict] = {}
        self.asked: dict[tuple[str, str], object] = {}
        self.refunds: dict[tuple[str, str], dict] = {}
        self.faults: dict[str, str] = {}
        self._serials = iter(range(100_000_000, 200_000_000))

    async def __call__(self, scope: dict, receive: Callable, send: Callable[[dict], Awaitable[None]]) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while (message := await receive()).get("more_body"):
            body += message.get("body", b"")
        body += message.get("body", b"")
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        merchant, path = headers.get("x-merchant", ""), scope["path"]
        secret = self.secrets.get(merchant, "")
        fault = self._fault(path, body)
        try:
            if not holds(secret, headers, f"{scope['method']} {path}", body, time.time()):
                raise Refused(401, "SIGNATURE")
            if fault == "api_error":
                raise Refused(500, "BROKEN")
            status, answer = 200, self._work(merchant, scope["method"], path, msgspec.json.decode(body) if body else {}, fault)
        except Refused as refused:
            status, answer = refused.status, {"code": refused.code, "message": f"网关未受理：{refused.code}"}
        raw = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
        seconds = str(int(time.time()))
        signature = sign(secret, seconds, str(status), raw)
        if fault == "api_timeout":
            await asyncio.sleep(1.5)
        if fault == "api_tamper":
            raw = raw.replace(b"{", b'{"x":1,', 1) or b"{}"
        answered = [(b"x-time", seconds.encode()), (b"x-signature", signature.encode())]
        await send({"type": "http.response.start", "status": status, "headers": answered})
        await send({"type": "http.response.body", "body": raw})

    def _fault(self, path: str, body: bytes) -> str | None:
        """What goes wrong with this call; refund faults wait for a refund."""
        for number, kind in self.faults.items():
            about = number in path or number.encode() in body
            if about and (kind.startswith("api_") or path == "/refunds"):
                del self.faults[number]
                return kind
        return None

    def _work(self, merchant: str, method: str, path: str, given: dict, fault: str | None) -> object:
        match method, path.strip("/").split("/"):
            case "POST", ["orders"]:
                return self._place(merchant, given)
            case "GET", ["orders", number]:
                return self._order(merchant, number)
            case "POST", ["orders", number, "close"]:
                order = self._order(merchant, number)
                if order["state"] == "PAID":
                    raise Refused(409, "PAID")
                order["state"] = "CLOSED"
                return {}
            case "POST", ["refunds"]:
                return self._refund(merchant, given, fault)
            case "GET", ["refunds", number]:
                if (merchant, number) not in self.refunds:
                    raise Refused(404, "NO_ORDER")
                return self.refunds[merchant, number]
            case "GET", ["statements", day]:
                return self._statement(merchant, dt.date.fromisoformat(day))
        raise Refused(404, "NO_SUCH_ADDRESS")

    def _place(self, merchant: str, given: dict) -> dict:
        key = merchant, given["number"]
        if key in self.orders:
            if self.asked[key] != given:
                raise Refused(409, "OTHER_ORDER")
            if self.orders[key]["state"] == "PAID":
                raise Refused(409, "PAID")
        else:
            self.asked[key] = given
            shown = {name: given[name] for name in ("number", "amount", "currency")}
            self.orders[key] = {"merchant": merchant, **shown, "state": "OPEN"}
        return {"pay_url": f"{self.url}/pay/{merchant}/{given['number']}"}

    def _order(self, merchant: str, number: str) -> dict:
        if (merchant, number) not in self.orders:
            raise Refused(404, "NO_ORDER")
        return self.orders[merchant, number]

    async def pay(self, merchant: str, number: str) -> bool:
        """The payer pays, and the gateway tells the merchant."""
        order = self.orders[merchant, number]
        if order["state"] != "OPEN":
            return False
        order |= {"state": "PAID", "serial": f"RB{next(self._serials)}", "paid_at": _now(), "payer": "6222****0001"}
        body, seconds = msgspec.json.encode(order), str(int(time.time()))
        headers = {"x-time": seconds, "x-signature": sign(self.secrets[merchant], seconds, "notice", body)}
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(self.asked[merchant, number]["notify"], content=body, headers=headers)
        return answer.text == "ok"

    def _refund(self, merchant: str, given: dict, fault: str | None) -> dict:
        key = merchant, given["number"]
        order = self._order(merchant, given["order"])
        if key in self.refunds:
            if (self.refunds[key]["order"], self.refunds[key]["amount"]) != (given["order"], given["amount"]):
                raise Refused(409, "OTHER_REFUND")
            return self.refunds[key]
        if order["state"] != "PAID":
            raise Refused(409, "NOT_PAID")
        gone = sum(refund["amount"] for (_, _), refund in self.refunds.items() if refund["order"] == given["order"])
        if gone + given["amount"] > order["amount"]:
            raise Refused(409, "TOO_MUCH")
        if fault == "refund_short":
            raise Refused(409, "SHORT")
        shown = {name: given[name] for name in ("number", "order", "amount")}
        self.refunds[key] = {"merchant": merchant, **shown, "serial": f"RR{next(self._serials)}", "done_at": _now()}
        return self.refunds[key]

    def _statement(self, merchant: str, day: dt.date) -> bytes:
        if day >= dt.datetime.now(dt.UTC).date():
            raise Refused(409, "NOT_READY")
        paid = [order for (owner, _), order in self.orders.items() if owner == merchant and order.get("paid_at", "")[:10] == day.isoformat()]
        if not paid:
            raise Refused(404, "NO_BUSINESS")
        rows = ["serial,number,amount", *(f"{order['serial']},{order['number']},{order['amount']}" for order in paid)]
        return "\n".join(rows).encode()


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
