"""The hospital's rights and roles (domain book §4.3): who collects, who reconciles, who only sees sums, and what vendors' programs may ask."""

from core.hookspecs import Permission, Role
from core.web.i18n import N_

PERMISSIONS = (
    Permission("medical.org.import", N_("导入医院组织架构")),
    Permission("medical.patient.read", N_("查看患者")),
    Permission("medical.patient.manage", N_("维护患者档案")),
    Permission("medical.patient.import", N_("导入患者")),
    Permission("medical.visit.make", N_("登记就诊")),
    Permission("medical.vendor.read", N_("查看接入厂商")),
    Permission("medical.vendor.manage", N_("管理接入厂商与密钥")),
    Permission("medical.statement.read", N_("查看厂商对账单")),
    Permission("medical.order.read", N_("查看诊疗订单")),
    Permission("medical.order.make", N_("提交诊疗订单")),
    Permission("medical.return.read", N_("查看退费申请")),
    Permission("medical.return.make", N_("提交退费申请")),
    Permission("medical.return.decide", N_("处置受阻的退费")),
    Permission("medical.his.read", N_("查看 HIS 回写")),
    Permission("medical.his.repost", N_("重新回写 HIS")),
    Permission("medical.his.manage", N_("设置 HIS 接口")),
    Permission("medical.insurance.read", N_("查看医保结算")),
    Permission("medical.insurance.manage", N_("经办医保清算")),
    Permission("medical.insurance.check", N_("复核撤回医保清算文件")),
    Permission("medical.inpatient.read", N_("查看住院预交金")),
    Permission("medical.inpatient.make", N_("经办出院结算")),
    Permission("medical.prepaid.read", N_("查看历史预交金")),
    Permission("medical.prepaid.make", N_("经办历史预交金清退")),
    Permission("medical.prepaid.check", N_("复核历史预交金清退")),
    Permission("medical.report.read", N_("查看科室收入")),
    Permission("medical.shift.read", N_("查看收费员日结")),
    Permission("medical.robot.read", N_("查看对账机器人")),
    Permission("medical.robot.operate", N_("操作对账机器人")),
    Permission("medical.robot.authorise", N_("签署机器人授权")),
    Permission("medical.store_day.make", N_("提交接受门店日差异")),
    Permission("medical.store_day.check", N_("复核接受门店日差异")),
    Permission("medical.till.import", N_("导入门店订单")),
)

_HOUSE = {"medical.patient.read", "medical.order.read", "medical.return.read", "golive.way.read"}
_BOOKS = {
    "billing.item.read", "billing.bill.read", "payments.order.read", "payments.payment.read", "payments.suspense.read", "payments.channel.read",
    "refunds.refund.read", "reports.collection.read", "ledger.journal.read", "receipts.receipt.read", "tenancy.merchant.read",
    "counter.shift.read", "statements.file.read", "recon.run.read", "settlement.batch.read", "sharing.split.read", "identity.org.read",
}  # fmt: skip
_SEEN = {
    "medical.his.read", "medical.insurance.read", "medical.inpatient.read", "medical.prepaid.read", "medical.report.read", "medical.shift.read",
    "medical.vendor.read", "medical.statement.read", "medical.robot.read",
}  # fmt: skip
_WORK = {"jobs.read", "exports.make"}

ROLES = (
    Role(
        "med.admin", N_("医院管理员"), "TENANT",
        frozenset(
            _HOUSE | _WORK
            | {"medical.org.import", "medical.patient.manage", "medical.patient.import", "medical.vendor.read", "medical.vendor.manage",
               "medical.statement.read", "medical.his.read", "medical.his.manage", "medical.report.read", "medical.robot.read",
               "imports.make", "identity.org.read", "identity.org.manage", "identity.user.read",
               "identity.user.manage", "identity.role.grant", "identity.audit.read", "identity.key.manage", "tenancy.merchant.read",
               "payments.channel.read", "payments.channel.manage", "payers.binding.read", "payers.binding.release", "billing.bill.read",
               "refunds.refund.read", "receipts.receipt.read", "receipts.issuer.manage", "reports.collection.read", "notices.read",
               "notices.manage", "printing.sheet.make", "counter.shift.read", "onboarding.case.manage", "onboarding.case.sign",
               "golive.way.manage", "exports.clear.make"}
        ),
    ),
    Role(
        "med.finance_maker", N_("医院财务（对账）"), "TENANT",
        frozenset(
            _HOUSE | _BOOKS | _SEEN | _WORK
            | {"medical.return.make", "medical.return.decide", "medical.his.repost", "medical.insurance.manage",
               "medical.inpatient.make", "medical.prepaid.make",
               "imports.make", "exports.clear.make", "billing.item.manage", "billing.bill.adjust", "payments.suspense.resolve",
               "refunds.refund.make", "receipts.receipt.red_flush", "statements.file.make", "recon.run.make", "recon.diff.make",
               "settlement.batch.make", "sharing.split.make", "tenancy.account.make"}
        ),
        conflicts=frozenset({"med.finance_checker"}),
    ),
    Role(
        "med.finance_checker", N_("医院财务（复核）"), "TENANT",
        frozenset(
            _HOUSE | _BOOKS | _SEEN | _WORK
            | {"medical.prepaid.check", "medical.insurance.check", "medical.store_day.check", "billing.bill.check", "refunds.refund.check",
               "exports.clear.check", "payments.channel.check", "receipts.receipt.check", "counter.shift.accept", "recon.run.check", "recon.diff.check",
               "settlement.batch.check", "sharing.split.check", "tenancy.account.check", "payers.binding.read", "payers.binding.check",
               "identity.audit.read"}
        ),
        conflicts=frozenset({"med.finance_maker", "med.cashier"}),
    ),
    Role(
        "med.cashier", N_("窗口收费员"), "TENANT",
        frozenset(
            {"counter.shift.run", "medical.patient.read", "medical.order.read", "medical.return.read", "medical.return.make",
             "medical.inpatient.read", "medical.inpatient.make", "billing.bill.read", "receipts.receipt.read"}
        ),
        conflicts=frozenset({"med.finance_checker"}),
    ),
    Role("med.dept_viewer", N_("科室主任（只看汇总）"), "ORG", frozenset({"medical.report.read"})),
    Role(
        "med.insurance", N_("医保办"), "TENANT",
        frozenset({"medical.insurance.read", "medical.insurance.manage", "imports.make"} | _WORK),
    ),
    Role(
        "med.pharmacy_finance", N_("连锁药房财务"), "ORG_SUBTREE",
        frozenset(
            {"medical.robot.read", "medical.robot.authorise", "medical.store_day.make", "medical.store_day.check", "medical.till.import", "imports.make"}
            | _WORK
        ),
        conflicts=frozenset({"med.robot_operator"}),
    ),
    Role(
        "med.robot_operator", N_("机器人运维"), "TENANT",
        frozenset({"medical.robot.read", "medical.robot.operate"} | _WORK),
        conflicts=frozenset({"med.finance_checker", "med.pharmacy_finance"}),
    ),
    Role(
        "med.vendor", N_("接入厂商接口"), "TENANT",
        frozenset(
            {"medical.patient.manage", "medical.visit.make", "medical.order.make", "medical.order.read", "medical.return.make",
             "medical.return.read", "medical.statement.read"}
        ),
        conflicts=frozenset({"med.his"}),
        for_keys=True,
    ),
    Role(
        "med.his", N_("医院 HIS 接口"), "TENANT",
        frozenset(
            {"medical.patient.read", "medical.patient.manage", "medical.visit.make", "medical.order.make", "medical.order.read",
             "medical.return.make", "medical.return.read", "medical.statement.read", "medical.inpatient.read", "medical.inpatient.make",
             "statements.file.make", "statements.file.read"}
        ),
        conflicts=frozenset({"med.vendor"}),
        for_keys=True,
    ),
)  # fmt: skip
