"""Departments by the codes that HIS uses."""

import pytest

from core.web.statuses import unit_kind
from plugins.medical.organisation import service
from plugins.medical.organisation.errors import DepartmentUnknown, UnitUnknown


async def test_a_department_is_found_by_its_code(platform, shared_hospital):
    async with platform.database.tenant(shared_hospital.id) as session:
        assert await service.department(session, "NK") == shared_hospital.units["NK"]
        assert await service.unit(session, "window", "W02") == shared_hospital.units["W02"]


async def test_a_window_is_no_department_and_an_unknown_code_is_named(platform, shared_hospital):
    async with platform.database.tenant(shared_hospital.id) as session:
        with pytest.raises(DepartmentUnknown, match="W01"):
            await service.department(session, "W01")
        with pytest.raises(UnitUnknown, match="X9"):
            await service.unit(session, "window", "X9")


def test_a_campus_is_called_as_its_trade_calls_it():
    assert [unit_kind("campus", plugins) for plugins in (("medical",), ("education",), ())] == ["院区", "校区", "campus"]
