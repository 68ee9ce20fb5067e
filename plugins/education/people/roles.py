"""The school's rights and roles (domain book §3.3, §9): building standards, importing, approving are three (architecture §11.8)."""

from core.hookspecs import Permission, Role
from core.web.i18n import N_

PERMISSIONS = (
    Permission("education.roster.import", N_("导入学生名册")),
    Permission("education.org.import", N_("导入组织架构")),
    Permission("education.standards.import", N_("导入收费标准")),
    Permission("education.student.read", N_("查看学生")),
    Permission("education.student.manage", N_("变更学生状态")),
    Permission("education.student.check", N_("复核登记手机号")),
    Permission("education.standard.read", N_("查看收费标准")),
    Permission("education.standard.make", N_("制定收费标准")),
    Permission("education.standard.check", N_("复核收费标准")),
    Permission("education.plan.read", N_("查看收费批次")),
    Permission("education.plan.make", N_("制定收费批次")),
    Permission("education.plan.check", N_("复核收费批次")),
    Permission("education.plan.publish", N_("发布与召回收费批次")),
    Permission("education.dorm.read", N_("查看住宿与抄表")),
    Permission("education.dorm.keep", N_("登记住宿与抄表")),
    Permission("education.meal.read", N_("查看用餐天数")),
    Permission("education.meal.keep", N_("登记用餐天数")),
    Permission("education.discount.apply", N_("申请优惠")),
    Permission("education.discount.check", N_("核验优惠材料")),
    Permission("education.discount.approve", N_("批准优惠")),
)

_READ = {"education.student.read", "education.standard.read", "education.plan.read", "golive.way.read"}
_USE = {"education.dorm.read", "education.meal.read"}
_BILLS = {"billing.item.read", "billing.bill.read", "billing.status.read"}
_MONEY = {"payments.order.read", "payments.payment.read", "reports.collection.read", "ledger.journal.read"}
_WORK = {"jobs.read", "exports.make"}
_IMPORT = {"imports.make"}
_GUARDIANS_CHECK = {"payers.binding.read", "payers.binding.check", "education.student.check"}

ROLES = (
    Role(
        "edu.group_admin", N_("集团管理员"), "TENANT",
        frozenset(
            _READ | _USE | _BILLS | _WORK | _IMPORT | _GUARDIANS_CHECK
            | {"education.org.import", "identity.org.read", "identity.org.manage", "identity.user.read", "identity.user.manage",
               "identity.role.grant", "identity.audit.read", "identity.key.manage", "tenancy.merchant.read", "reports.collection.read",
               "refunds.refund.read", "payments.channel.read", "payments.channel.manage", "receipts.receipt.read", "receipts.issuer.manage",
               "notices.read", "notices.manage", "printing.sheet.make",
               "counter.shift.read", "onboarding.case.manage", "onboarding.case.sign", "golive.way.manage", "exports.clear.make"}
        ),
    ),
    Role(
        "edu.group_finance", N_("集团财务（复核）"), "TENANT",
        frozenset(
            _READ | _USE | _BILLS | _MONEY | _WORK
            | {"education.standard.check", "education.plan.check", "education.plan.publish", "education.discount.approve",
               "billing.bill.check", "payments.suspense.read", "tenancy.merchant.read", "tenancy.account.check", "identity.audit.read",
               "identity.org.read", "notices.remind", "notices.read", "printing.sheet.make", "refunds.refund.read",
               "refunds.refund.check", "exports.clear.check", "payments.channel.read",
               "payments.channel.check", "receipts.receipt.read", "receipts.receipt.check", "counter.shift.read", "counter.shift.accept",
               "statements.file.read", "recon.run.read", "recon.run.check", "recon.diff.check", "settlement.batch.read",
               "settlement.batch.check", "sharing.split.read", "sharing.split.check"}
        ),
        conflicts=frozenset({"edu.campus_finance", "edu.division_admin"}),
    ),
    Role(
        "edu.campus_finance", N_("校区财务（制定）"), "ORG_SUBTREE",
        frozenset(
            _READ | _USE | _BILLS | _MONEY | _WORK | _IMPORT
            | {"education.standards.import", "education.standard.make", "education.plan.make", "billing.item.manage", "billing.bill.adjust",
               "payments.suspense.read", "payments.suspense.resolve", "identity.org.read", "notices.remind", "notices.read", "printing.sheet.make",
               "refunds.refund.read", "refunds.refund.make", "receipts.receipt.read", "receipts.receipt.red_flush", "exports.clear.make"}
        ),
        conflicts=frozenset({"edu.group_finance"}),
    ),
    Role(
        "edu.division_admin", N_("学部教务（名册）"), "ORG_SUBTREE",
        frozenset(
            {"education.student.read", "education.student.manage", "education.roster.import", "education.discount.apply",
             "education.discount.check", "billing.status.read", "identity.org.read", "payers.binding.read", "payers.binding.release"} | _WORK | _IMPORT
        ),
        conflicts=frozenset({"edu.group_finance"}),
    ),
    Role("edu.dorm", N_("宿舍管理员"), "ORG_SUBTREE", frozenset({"education.dorm.read", "education.dorm.keep"} | _WORK | _IMPORT)),
    Role("edu.canteen", N_("食堂管理员"), "ORG_SUBTREE", frozenset({"education.meal.read", "education.meal.keep"} | _WORK | _IMPORT)),
    Role("edu.teacher", N_("班主任"), "ORG", frozenset({"billing.status.read", "notices.remind"})),
)  # fmt: skip
