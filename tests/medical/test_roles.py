"""The hospital's roles: what the domain book §4.3 keeps apart stays apart."""

from core.identity.keys import fitting
from plugins.medical.people.roles import PERMISSIONS, ROLES

BY_CODE = {role.code: role for role in ROLES}
CODES = {permission.code for permission in PERMISSIONS}


def test_every_right_of_the_plugin_is_declared():
    assert {code for role in ROLES for code in role.permissions if code.startswith("medical.")} <= CODES


def test_maker_and_checker_are_two_people():
    maker, checker = BY_CODE["med.finance_maker"], BY_CODE["med.finance_checker"]
    assert checker.code in maker.conflicts and maker.code in checker.conflicts
    assert not any(code.endswith(".check") for code in maker.permissions)
    assert not any(code.endswith(".make") and code != "exports.make" for code in checker.permissions)


def test_who_runs_robots_signs_nothing_and_accepts_nothing():
    operator, pharmacy = BY_CODE["med.robot_operator"], BY_CODE["med.pharmacy_finance"]
    assert operator.code in pharmacy.conflicts and pharmacy.code in operator.conflicts
    holders = {right: {role.code for role in ROLES if right in role.permissions} for right in ("medical.robot.operate", "medical.robot.authorise")}
    assert holders == {"medical.robot.operate": {operator.code}, "medical.robot.authorise": {pharmacy.code}}
    assert not operator.permissions & {"medical.store_day.make", "medical.store_day.check", "medical.till.import", "medical.patient.read"}
    assert pharmacy.scope == "ORG_SUBTREE"


def test_who_only_sees_sums_sees_no_patient():
    assert BY_CODE["med.dept_viewer"].permissions == {"medical.report.read"}
    assert "medical.patient.read" not in BY_CODE["med.insurance"].permissions


def test_programs_hold_no_right_over_people_or_keys_and_no_right_of_core_that_shows_everybody():
    assert {"med.vendor", "med.his"} <= set(fitting(BY_CODE))
    assert all(code.startswith("medical.") for code in BY_CODE["med.vendor"].permissions)
