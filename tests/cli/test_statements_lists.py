"""`banyan statements list` and `show`: what came in, for people and for scripts."""

import uuid

from tests.cli.conftest import banyan, quiet_logs  # noqa: F401
from tests.samples import SAMPLES

FILE = SAMPLES / "statements" / "broken" / "amount-3-decimals.csv"


async def test_what_came_in_is_listed_and_shown(banyan, client):  # noqa: F811
    hospital = await client(kind="hospital", plugins=("medical",))
    said = (await banyan("statements", "import", FILE, "--client", hospital.code, "--source", "wechatpay-trade", "--date", "2026-03-01", "--json")).json
    listed = await banyan("statements", "list", "--client", hospital.code, "--json")
    assert (listed.code, [row["id"] for row in listed.json["items"]]) == (0, [said["statement_id"]])
    none = await banyan("statements", "list", "--client", hospital.code, "--date", "2026-03-02", "--json")
    assert none.json["items"] == []
    assert FILE.name in (await banyan("statements", "list", "--client", hospital.code)).out
    shown = await banyan("statements", "show", said["statement_id"], "--client", hospital.code, "--json")
    assert (shown.json["statement"]["rows_loaded"], len(shown.json["left_out"])) == (said["rows_loaded"], 2)
    assert "reject_rows" in (await banyan("statements", "show", said["statement_id"], "--client", hospital.code)).out
    other = await client(plugins=())
    assert (await banyan("statements", "show", said["statement_id"], "--client", other.code)).code == 2
    assert (await banyan("statements", "show", str(uuid.uuid4()), "--client", hospital.code)).code == 2
    assert (await banyan("statements", "list", "--client", hospital.code, "--limit", "0")).code == 2
