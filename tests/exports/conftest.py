"""A list that only these tests know: three people with what they paid, in two org units."""

from uuid import UUID, uuid5

import pytest

from core import builtin
from core.app import create_app, make_platform
from core.exports import service
from core.hookspecs import Export, hook
from core.plugin_manager import PluginManager

ORGS = [uuid5(UUID(int=0), name) for name in ("甲", "乙")]
PEOPLE = [("=cmd()", 123450, ORGS[0]), ("李四", 1, ORGS[1]), ("王五", 99, ORGS[0])]


async def rows(session, filters, reach):
    for name, fen, org in PEOPLE:
        if (reach is None or org in reach) and filters.get("q", "") in name:
            yield name, fen


async def people(session, filters, reach):
    for number, (name, _fen, org) in enumerate(PEOPLE):
        if reach is None or org in reach:
            yield str(number), name, "甲中学" if number else "欧阳小明", "13800001234"


async def endless(session, filters, reach):
    for n in range(service.MAX_ROWS + 1):
        yield (str(n),)


class Lists:
    @hook
    def register_exports(self):
        return [
            Export("test.paid", "缴费明细", "test.paid.read", (("姓名", "text"), ("金额", "money")), rows),
            Export("test.people", "名册", "test.paid.read", (("号", "text"), ("姓名", "name"), ("缴费人", "party"), ("手机", "phone")), people),
            Export("test.endless", "无尽", "test.paid.read", (("号", "text"),), endless),
        ]


@pytest.fixture(scope="session")
async def platform(addresses, make_settings, probe):
    plugins = PluginManager({}, {**builtin.PARTS, "probe": probe, "lists": Lists()})
    made = await make_platform(make_settings(addresses), plugins)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def app(platform):
    return create_app(platform)


@pytest.fixture
def first_org():
    return ORGS[0]
