"""What a robot may do and where it may go: signed by the pharmacy's finance, for what it is, and for its own host alone."""

import datetime as dt

import httpx
import msgspec
import pytest

from core import clock
from core.errors import SelfApproval
from plugins.medical.robots import addresses, authorising, repository, service
from plugins.medical.robots.endings import Refused
from plugins.medical.robots.errors import AuthorisationBroken, AuthorisationNotFound, RobotBroken, TextDiffers
from plugins.medical.robots.gate import Gate
from plugins.medical.robots.schemas import DraftWrite, RobotWrite, StoreLink
from tests.medical.robots.pharmacy import DAY, NUMBERS

TODAY = clock.today()
DAYS = DraftWrite(valid_from=TODAY - dt.timedelta(days=3), valid_to=TODAY + dt.timedelta(days=3))
SITE = {"address": "https://shop.example.test/bills", "login": "shop-12345", "password": "a-secret-of-the-shop"}


async def drafted(pharmacy, days=DAYS):
    robot_id = await pharmacy.robot("site", SITE)
    async with pharmacy.tenant() as session:
        keys = await pharmacy.platform.vault.keys(session)
        made = await authorising.draft(session, keys, robot_id, days, pharmacy.operator)
        return robot_id, made, authorising.hash_of(await authorising.find(session, made, None))


async def covered(pharmacy, robot_id, day=DAY) -> bool:
    async with pharmacy.tenant() as session:
        keys = await pharmacy.platform.vault.keys(session)
        return await authorising.covering(session, keys, await repository.lock_robot(session, robot_id), day) is not None


async def test_only_another_person_who_read_this_very_text_signs(pharmacy):
    _, made, true = await drafted(pharmacy)
    async with pharmacy.tenant() as session:
        with pytest.raises(SelfApproval):
            await authorising.sign(session, made, true, pharmacy.operator)
        with pytest.raises(TextDiffers):
            await authorising.sign(session, made, "0" * 64, pharmacy.signer)
        elsewhere = msgspec.structs.replace(pharmacy.signer, rights={authorising.SIGN: frozenset({pharmacy.hospital.units["S001"]})})
        with pytest.raises(AuthorisationNotFound):
            await authorising.sign(session, made, true, elsewhere)
        await authorising.sign(session, made, true, pharmacy.signer)
        row = await authorising.find(session, made, None)
    assert (row.status, row.signed_by, row.text_hash) == ("active", "姚药房", true)
    assert "sh****5" in authorising.text_of(row) and "shop-12345" not in str(row.scope)


async def test_an_authorisation_holds_for_what_the_robot_was_when_it_was_signed(pharmacy):
    robot_id, made, true = await drafted(pharmacy)
    async with pharmacy.tenant() as session:
        await authorising.sign(session, made, true, pharmacy.signer)
    assert await covered(pharmacy, robot_id)
    given = {"name": "另名", "platform": "meituan", "way": "site", "address": SITE["address"], "login": SITE["login"], "hour": 5,
             "stores": [StoreLink(number, code) for number, code in NUMBERS.items()]}  # fmt: skip
    for change, still in (
        ({"name": "又一名"}, True), ({"stores": [StoreLink("MT-1", "S001")]}, True), ({"login": "another"}, False),
        ({"address": "https://other.example.test/"}, False), ({"stores": [StoreLink("MT-9", "S001")]}, False),
    ):  # fmt: skip
        async with pharmacy.tenant() as session:
            keys = await pharmacy.platform.vault.keys(session)
            await service.save(session, keys, RobotWrite(**given | change), pharmacy.operator, robot_id=robot_id)
        assert await covered(pharmacy, robot_id) is still, change


async def test_days_of_an_authorisation(pharmacy):
    async with pharmacy.tenant() as session:
        keys = await pharmacy.platform.vault.keys(session)
        robot_id = await pharmacy.robot("site", SITE)
        for first, last in ((0, -1), (-5, -1), (0, 400)):
            days = DraftWrite(valid_from=TODAY + dt.timedelta(days=first), valid_to=TODAY + dt.timedelta(days=last))
            with pytest.raises(AuthorisationBroken):
                await authorising.draft(session, keys, robot_id, days, pharmacy.operator)


async def test_a_later_authorisation_begins_by_itself(pharmacy):
    robot_id, made, true = await drafted(pharmacy, DraftWrite(valid_from=TODAY + dt.timedelta(days=1), valid_to=TODAY + dt.timedelta(days=9)))
    async with pharmacy.tenant() as session:
        await authorising.sign(session, made, true, pharmacy.signer)
        assert (await authorising.find(session, made, None)).status == "signed"
    assert not await covered(pharmacy, robot_id)


@pytest.mark.parametrize(
    "address",
    [
        "http://shop.example.test/", "https://user:pass@shop.example.test/", "ftp://shop.example.test/", "https://", "https://x.test/#a",
        "imaps://mail.test", "::",
    ],
)  # fmt: skip
def test_an_address_that_is_refused(address):
    with pytest.raises(RobotBroken):
        addresses.check(address, "site", "")


def test_the_sandbox_may_be_reached_without_tls_where_there_is_one():
    assert addresses.check("http://127.0.0.1:8201/shops/x", "site", "http://127.0.0.1:8201")
    assert addresses.check("imap://127.0.0.1:2143", "mailbox", "http://127.0.0.1:8201")
    with pytest.raises(RobotBroken):
        addresses.check("http://127.0.0.1:8201/shops/x", "site", "")


@pytest.mark.parametrize("address", ["https://127.0.0.1/", "https://169.254.169.254/latest", "imaps://10.0.0.1", "https://[::1]/"])
async def test_nothing_inside_our_own_network_is_called(address):
    with pytest.raises(Refused, match="inside_address"):
        await addresses.look_up(address, "http://127.0.0.1:8201")


async def test_the_gate_leads_to_one_host_and_port_only(outside_world):
    place = addresses.place_of(outside_world)
    gate = Gate(msgspec.structs.replace(place, number=place.host))
    async with gate.open() as proxy, httpx.AsyncClient(proxy=proxy, trust_env=False) as browser:
        assert (await browser.get(f"{outside_world}/health")).text == "ok"
        for other in (f"http://{place.host}:{place.port + 1}/", "http://169.254.169.254/", "http://localhost:1/"):
            assert (await browser.get(other)).status_code == 403
    assert len(gate.refused) == 3


async def test_a_robot_is_never_shown_with_its_secret(pharmacy):
    robot_id = await pharmacy.robot("site", SITE)
    async with pharmacy.tenant() as session:
        assert "secret" not in " ".join((await service.find(session, robot_id, None))._fields)
        assert SITE["password"].encode() not in (await repository.lock_robot(session, robot_id)).secret_sealed
