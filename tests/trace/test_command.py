"""`banyan trace NUMBER --client CODE`: the chain in words for people, in JSON for programs."""

from tests.cli.conftest import banyan, quiet_logs

__all__ = ["banyan", "quiet_logs"]


async def test_a_number_is_traced_on_the_command_line(lived, banyan):
    answer = await banyan("trace", lived.payment.order_number, "--client", lived.client.code, "--json")
    assert answer.code == 0
    assert [step["code"] for step in answer.json["trace"]["steps"]] == ["bills", "payment", "channel", "ledger", "arrival", "settlement"]
    assert answer.json["trace"]["amount_fen"] == 95_000
    said = await banyan("trace", lived.payment.order_number, "--client", lived.client.code)
    assert (said.code, "950.00" in said.out) == (0, True)


async def test_an_unknown_number_or_client_is_refused(lived, banyan, client):
    answer = await banyan("trace", "NOBODY", "--client", lived.client.code, "--json")
    assert (answer.code, answer.json["error"]["code"]) == (2, "NUMBER_UNKNOWN")
    other = await client(plugins=())
    assert (await banyan("trace", lived.payment.order_number, "--client", other.code)).code == 2
