"""The school's rights and roles (domain book §3.3, §9). Building standards, importing and approving are three roles (architecture §11.8)."""

from core.hookspecs import Permission, Role

PERMISSIONS = (
    Permission("education.roster.import", "导入学生名册"),
    Permission("education.org.import", "导入组织架构"),
    Permission("education.standards.import", "导入收费标准"),
    Permission("education.student.read", "查看学生"),
    Permission("education.student.manage", "变更学生状态"),
    Permission("education.standard.read", "查看收费标准"),
    Permission("education.standard.make", "制定收费标准"),
    Permission("education.standard.check", "复核收费标准"),
    Permission("education.plan.read", "查看收费批次"),
    Permission("education.plan.make", "制定收费批次"),
    Permission("education.plan.check", "复核收费批次"),
    Permission("education.plan.publish", "发布与召回收费批次"),
    Permission("education.discount.apply", "申请优惠"),
    Permission("education.discount.check", "核验优惠材料"),
    Permission("education.discount.approve", "批准优惠"),
)

_READ = {"education.student.read", "education.standard.read", "education.plan.read"}
_BILLS = {"billing.item.read", "billing.bill.read", "billing.status.read"}
_MONEY = {"payments.order.read", "payments.payment.read", "reports.collection.read", "ledger.journal.read"}
_WORK = {"jobs.read", "exports.make"}
_IMPORT = {"imports.make"}

ROLES = (
    Role(
        "edu.group_admin", "集团管理员", "TENANT",
        frozenset(
            _READ | _BILLS | _WORK | _IMPORT
            | {"education.org.import", "identity.org.read", "identity.org.manage", "identity.user.read", "identity.user.manage",
               "identity.role.grant", "identity.audit.read", "identity.key.manage", "tenancy.merchant.read", "reports.collection.read"}
        ),
    ),
    Role(
        "edu.group_finance", "集团财务（复核）", "TENANT",
        frozenset(
            _READ | _BILLS | _MONEY | _WORK
            | {"education.standard.check", "education.plan.check", "education.plan.publish", "education.discount.approve",
               "billing.bill.check", "payments.suspense.read", "tenancy.merchant.read", "tenancy.account.check", "identity.audit.read",
               "identity.org.read", "notifications.remind"}
        ),
        conflicts=frozenset({"edu.campus_finance", "edu.division_admin"}),
    ),
    Role(
        "edu.campus_finance", "校区财务（制定）", "ORG_SUBTREE",
        frozenset(
            _READ | _BILLS | _MONEY | _WORK | _IMPORT
            | {"education.standards.import", "education.standard.make", "education.plan.make", "billing.item.manage", "billing.bill.adjust",
               "payments.suspense.read", "payments.suspense.resolve", "identity.org.read", "notifications.remind"}
        ),
        conflicts=frozenset({"edu.group_finance"}),
    ),
    Role(
        "edu.division_admin", "学部教务（名册）", "ORG_SUBTREE",
        frozenset(
            {"education.student.read", "education.student.manage", "education.roster.import", "education.discount.apply",
             "education.discount.check", "billing.status.read", "identity.org.read"} | _WORK | _IMPORT
        ),
        conflicts=frozenset({"edu.group_finance"}),
    ),
    Role("edu.teacher", "班主任", "ORG", frozenset({"billing.status.read", "notifications.remind"})),
)  # fmt: skip
