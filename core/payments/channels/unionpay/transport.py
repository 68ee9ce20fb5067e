"""One signed request to UnionPay and its verified answer: the only place where bytes leave for it or are believed."""

import datetime as dt
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import httpx
import msgspec

from core import clock
from core.payments.channels import rsa
from core.payments.channels.errors import AccountIncomplete, ChannelRefused, ChannelUnknown, ForgedNotice
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.unionpay import crypto, wire
from core.payments.channels.unionpay.account import credential, identity_of

FILE_SECONDS = 60.0
"""A settlement file of a busy day is many megabytes."""


class Answered(msgspec.Struct, frozen=True):
    """A verified answer: what it says, and the bytes that say it."""

    report: wire.Report
    raw: bytes


class Transport:
    """Signs, sends, verifies; keeps the HTTP connections."""

    def __init__(self, client: httpx.AsyncClient, seconds_now: Callable[[], float] = clock.seconds) -> None:
        self._client = client
        self._seconds_now = seconds_now

    def now(self) -> dt.datetime:
        """The present instant, by the channel's clock."""
        return dt.datetime.fromtimestamp(self._seconds_now(), dt.UTC)

    def signed(self, account: ChannelAccount, fields: Mapping[str, str]) -> dict[str, str]:
        """A request's fields with certId and signature; empty ones are left out, because not every reader filters them (§3)."""
        identity = identity_of(account)
        full = {name: value for name, value in fields.items() if value} | {"certId": identity.cert_id}
        return full | {"signature": crypto.sign(identity.key, full)}

    async def call(self, account: ChannelAccount, address: str, fields: Mapping[str, str], seconds: float | None = None) -> Answered:
        """A verified answer, whatever its code. Raises ChannelUnknown, AccountIncomplete."""
        content = urlencode(self.signed(account, fields)).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
        patience = {} if seconds is None else {"timeout": seconds}
        try:
            response = await self._client.post(address, content=content, headers=headers, **patience)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ChannelUnknown(reason=type(error).__name__) from error
        if response.status_code != 200:
            raise ChannelUnknown(reason=f"HTTP {response.status_code}")
        try:
            answer = wire.read_answer(response.content)
            self.verify(account, answer)
            return Answered(wire.read_report(answer), response.content)
        except ForgedNotice as error:
            raise ChannelUnknown(reason="signature", why=error.facts["reason"]) from error
        except ValueError as error:
            raise ChannelUnknown(reason="answer") from error

    def verify(self, account: ChannelAccount, fields: Mapping[str, str]) -> None:
        """Refuse fields that UnionPay did not sign (§4). They carry no time of their own, so an old message verifies again.

        Raises ForgedNotice with the reason: `type`, `certificate` or `signature`.
        """
        if fields.get("version") != "5.1.0" or fields.get("signMethod") != "01":
            raise ForgedNotice(reason="type")
        roots, middles = credential(account, "root_certificate"), account.credentials.get("middle_certificate", "")
        try:
            key = crypto.signer(fields.get("signPubKeyCert", ""), roots, middles, self.now())
        except crypto.BadCertificate as error:
            raise ForgedNotice(reason="certificate", fault=str(error)) from error
        except rsa.BadKey as error:
            raise AccountIncomplete(mchid=account.mchid, missing="root_certificate") from error
        if not crypto.signed_by(key, fields):
            raise ForgedNotice(reason="signature")


def refusal_of(report: wire.Report) -> ChannelUnknown | ChannelRefused:
    """What a verified answer other than success means: undecided codes tell nothing, the others are a no in UnionPay's words (§10)."""
    facts = {"channel_code": report.resp_code, "channel_message": report.resp_msg}
    if report.resp_code in wire.UNDECIDED_CODES | {wire.DUPLICATE, wire.TOO_OFTEN}:
        return ChannelUnknown(reason=report.resp_code, **facts)
    return ChannelRefused(**facts)
