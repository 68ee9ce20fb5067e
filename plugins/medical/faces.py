"""Every page and address of the plugin, and its lines in the console's menu and on the payer's page."""

from typing import Any

from core.hookspecs import MenuItem
from core.web.i18n import N_
from plugins.medical.his import api as his_api
from plugins.medical.his import console as his
from plugins.medical.his import failures_console as post_failures
from plugins.medical.inpatients import api as inpatients_api
from plugins.medical.inpatients import console as inpatients
from plugins.medical.inpatients import h5 as inpatients_h5
from plugins.medical.insurance import api as insurance_api
from plugins.medical.insurance import console as insurance
from plugins.medical.orders import api as orders_api
from plugins.medical.orders import console as orders
from plugins.medical.orders import h5 as orders_h5
from plugins.medical.organisation import console as organisation
from plugins.medical.patients import api as patients_api
from plugins.medical.patients import console as patients
from plugins.medical.prepaid import api as prepaid_api
from plugins.medical.prepaid import console as prepaid
from plugins.medical.reports import api as reports_api
from plugins.medical.reports import console as reports
from plugins.medical.returns import api as returns_api
from plugins.medical.returns import console as returns
from plugins.medical.robots import api as robots_api
from plugins.medical.robots import console as robots
from plugins.medical.robots import runs_console as robot_runs
from plugins.medical.vendors import api as vendors_api
from plugins.medical.vendors import console as vendors

HOSPITAL = N_("医院收费")

PAGES: tuple[Any, ...] = (orders, insurance, reports, organisation, patients, vendors, prepaid, his, post_failures, returns, inpatients, robots, robot_runs)
APIS: tuple[Any, ...] = (orders_api, insurance_api, reports_api, patients_api, vendors_api, prepaid_api, his_api, returns_api, inpatients_api, robots_api)
H5: tuple[Any, ...] = (orders_h5, inpatients_h5,)
ROUTES = [route for face in (*PAGES, *APIS, *H5) for route in face.ROUTES]
MENU: tuple[MenuItem, ...] = (
    MenuItem(HOSPITAL, N_("诊疗订单"), "/console/medical/orders", "medical.order.read", "file-invoice", 210),
    MenuItem(HOSPITAL, N_("医保结算"), "/console/medical/insurance", "medical.insurance.read", "shield-check", 270),
    MenuItem(HOSPITAL, N_("科室收入"), "/console/medical/revenue", "medical.report.read", "chart-bar", 284),
    MenuItem(HOSPITAL, N_("收费员日结"), "/console/medical/shifts", "medical.shift.read", "cash", 286),
    MenuItem("", N_("我的诊疗"), "/medical/orders", "payer", "file-invoice", 210, side="h5"),
    MenuItem(HOSPITAL, N_("患者"), "/console/medical/patients", "medical.patient.read", "users", 230),
    MenuItem(HOSPITAL, N_("住院患者"), "/console/medical/inpatients", "medical.inpatient.read", "bed", 220),
    MenuItem("", N_("住院预交金与清单"), "/medical/inpatients", "payer", "bed", 220, side="h5"),
    MenuItem(HOSPITAL, N_("历史预交金清退"), "/console/medical/prepaid", "medical.prepaid.read", "history", 280),
    MenuItem(HOSPITAL, N_("退费"), "/console/medical/returns", "medical.return.read", "receipt-refund", 250),
    MenuItem(HOSPITAL, N_("上账失败"), "/console/medical/post-failures", "medical.his.read", "alert-triangle", 260),
    MenuItem(HOSPITAL, N_("HIS 接口"), "/console/medical/his", "medical.his.read", "plug", 294),
    MenuItem(HOSPITAL, N_("接入厂商"), "/console/medical/vendors", "medical.vendor.read", "plug", 290),
    MenuItem(HOSPITAL, N_("厂商对账单"), "/console/medical/vendor-statements", "medical.statement.read", "file-spreadsheet", 292),
    MenuItem(HOSPITAL, N_("门店日对账"), "/console/medical/store-days", "medical.robot.read", "building-store", 287),
    MenuItem(HOSPITAL, N_("对账机器人"), "/console/medical/robots", "medical.robot.read", "robot", 288),
    MenuItem(HOSPITAL, N_("院区与科室"), "/console/medical/organisation", "medical.patient.manage", "sitemap", 295),
)
