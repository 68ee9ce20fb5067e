"""What no channel may do: show a key, whether it works or fails."""

import logging

import msgspec
import pytest

from core.errors import PlatformError
from core.payments.channels.conformance.needs import needs
from core.payments.channels.conformance.world import World, begun, paid, ref_of


def shown(secrets: list[str], *texts: str) -> list[str]:
    """The secrets that any of the texts show; of a key in several lines, one line is enough."""
    pieces = [line for secret in secrets for line in secret.splitlines() if len(line) >= 8 and not line.startswith("-----")]
    return [piece[:4] + "…" for piece in pieces if any(piece in text for text in texts)]


class Secrecy:
    """Looking over the channel's shoulder."""

    async def test_no_secret_is_printed_or_logged_while_all_goes_well(
        self, world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture
    ):
        with caplog.at_level(logging.DEBUG):
            payment = await paid(world)
        out, err = capsys.readouterr()
        texts = (caplog.text, out, err, repr(world.account), repr(payment.prepared), repr(payment.state), repr(world.channel))
        assert shown(world.secrets, *texts) == []

    @needs("calls")
    async def test_no_secret_is_told_when_something_fails(
        self, world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture
    ):
        order, prepared = await begun(world)
        said = []
        with caplog.at_level(logging.DEBUG):
            for kind in ("api_error", "api_tamper"):
                await world.break_next(kind, order.number)
                with pytest.raises(PlatformError) as failed:
                    await world.channel.query(world.account, ref_of(order, prepared))
                said.append(f"{failed.value!r} {failed.value.message} {failed.value.facts}")
        out, err = capsys.readouterr()
        assert shown(world.secrets, caplog.text, out, err, *said) == []

    @needs("calls")
    async def test_an_account_without_its_keys_says_what_is_missing_and_not_what_is_there(self, world: World):
        secrets = world.secrets
        assert secrets, "a channel that is asked over a network has at least one secret"
        bare = msgspec.structs.replace(world.account, credentials={})
        with pytest.raises(PlatformError) as failed:
            await world.channel.query(bare, ref_of(world.order()))
        assert shown(secrets, repr(failed.value), failed.value.message) == []
