"""The one HTTP client that all channels of an application share."""

import logging

import httpx

from core.payments.channels.connections import Connections

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0


def channel_client(proxy: str | None = None) -> httpx.AsyncClient:
    """A client with the time-outs of a paying request; close it with the application.

    The environment's proxy settings are not read: where money travels is configured, not inherited.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)  # INFO would log addresses that hold an app secret
    return httpx.AsyncClient(
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        transport=Connections(proxy),
        headers={"User-Agent": "banyan-payments/1.0"},
        follow_redirects=False,
        trust_env=False,
    )
