"""The one HTTP client that all channels of an application share."""

import logging
from typing import Any

import httpx
from httpx import USE_CLIENT_DEFAULT

from core.payments.channels.connections import Connections

READ_SECONDS = 5.0


class ChannelClient(httpx.AsyncClient):
    """An httpx client whose ordinary call goes straight to the connection: no cookies, which would travel from one client's call to
    another's, no log-in and no second address to look for. Where a caller asks for one of these, httpx does it.
    """

    async def send(
        self, request: httpx.Request, *, stream: bool = False, auth: Any = USE_CLIENT_DEFAULT, follow_redirects: Any = USE_CLIENT_DEFAULT
    ) -> httpx.Response:
        """Send a request as it was built, and read its whole answer."""
        plain = auth is follow_redirects is USE_CLIENT_DEFAULT and "timeout" in request.extensions and not request.url.userinfo
        if stream or self.is_closed or not plain:
            return await super().send(request, stream=stream, auth=auth, follow_redirects=follow_redirects)
        try:
            response = await self._transport.handle_async_request(request)
            response.request = request
            try:
                await response.aread()
            finally:
                await response.aclose()
        except httpx.RequestError as error:
            error.request = request
            raise
        return response


def channel_client(connect_seconds: float) -> ChannelClient:
    """A client with the time-outs of a paying request; close it with the application. A connection comes about in `connect_seconds` or not.

    The environment's proxy settings are not read: where money travels is configured, not inherited.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)  # INFO would log addresses that hold an app secret
    return ChannelClient(
        timeout=httpx.Timeout(READ_SECONDS, connect=connect_seconds),
        transport=Connections(),
        headers={"User-Agent": "banyan-payments/1.0"},
        follow_redirects=False,
        trust_env=False,
    )
