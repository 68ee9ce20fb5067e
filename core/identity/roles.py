"""Core's roles: the bank's own people, and a client's administrator (domain book §1.2). Plugins add the roles of their trade."""

from core.hookspecs import Role
from core.web.i18n import N_

CLIENT_ADMIN = "client.admin"

_PEOPLE = {"identity.user.read", "identity.user.manage", "identity.role.grant", "identity.key.manage", "identity.audit.read"}
_MONEY_SEEN = {
    "billing.item.read",
    "billing.bill.read",
    "payments.order.read",
    "payments.payment.read",
    "refunds.refund.read",
    "reports.collection.read",
    "jobs.read",
}

_BOOKS_SEEN = _MONEY_SEEN | {
    "payments.suspense.read",
    "payments.channel.read",
    "ledger.journal.read",
    "receipts.receipt.read",
    "tenancy.merchant.read",
    "exports.make",
    "statements.file.read",
    "recon.run.read",
    "settlement.batch.read",
    "webhooks.endpoint.read",
    "sharing.split.read",
}

ROLES = (
    Role(
        "client.finance_maker",
        N_("财务（经办）"),
        "TENANT",
        frozenset(
            _BOOKS_SEEN
            | {
                "imports.make",
                "payments.suspense.resolve",
                "refunds.refund.make",
                "statements.file.make",
                "recon.run.make",
                "recon.diff.make",
                "settlement.batch.make",
                "sharing.split.make",
            }
        ),
        conflicts=frozenset({"client.finance_checker"}),
    ),
    Role(
        "client.finance_checker",
        N_("财务（复核）"),
        "TENANT",
        frozenset(
            _BOOKS_SEEN
            | {
                "billing.bill.check",
                "refunds.refund.check",
                "recon.run.check",
                "recon.diff.check",
                "settlement.batch.check",
                "sharing.split.check",
                "tenancy.account.check",
                "identity.audit.read",
            }
        ),
        conflicts=frozenset({"client.finance_maker"}),
    ),
    Role(
        CLIENT_ADMIN,
        N_("单位管理员"),
        "TENANT",
        frozenset(
            _PEOPLE
            | _MONEY_SEEN
            | {
                "identity.org.read",
                "identity.org.manage",
                "notices.read",
                "notices.manage",
                "webhooks.endpoint.read",
                "webhooks.endpoint.make",
                "printing.sheet.make",
                "tenancy.merchant.read",
                "payments.channel.read",
                "payments.channel.manage",
                "receipts.receipt.read",
                "receipts.issuer.manage",
                "counter.shift.read",
                "onboarding.case.manage",
                "onboarding.case.sign",
                "statements.file.read",
                "recon.run.read",
                "settlement.batch.read",
            }
        ),
    ),
    Role(
        "client.api",
        N_("系统对接"),
        "TENANT",
        frozenset(
            _MONEY_SEEN
            | {
                "identity.org.read",
                "billing.status.read",
                "imports.make",
                "refunds.refund.make",
                "receipts.receipt.read",
                "statements.file.read",
                "statements.file.make",
                "recon.run.read",
                "recon.run.make",
                "settlement.batch.read",
            }
        ),
    ),
    Role(
        "client.cashier",
        N_("收费员"),
        "TENANT",
        frozenset({"counter.shift.run", "billing.bill.read", "receipts.receipt.read"}),
        conflicts=frozenset({"client.treasurer"}),
    ),
    Role(
        "client.treasurer",
        N_("出纳"),
        "TENANT",
        frozenset({"counter.shift.accept", "counter.shift.read", "billing.bill.read", "payments.payment.read", "receipts.receipt.read"}),
        conflicts=frozenset({"client.cashier"}),
    ),
    Role(
        "bank.hq_ops",
        N_("总行运营"),
        "ALL",
        frozenset(
            {
                "tenancy.client.read",
                "tenancy.merchant.read",
                "tenancy.branch.read",
                "tenancy.branch.manage",
                "tenancy.plugin.default",
                "reports.collection.read",
                "identity.user.read",
                "bank.recon.read",
            }
        ),
        side="bank",
    ),
    Role(
        "bank.branch_admin",
        N_("分行管理员"),
        "BRANCH",
        frozenset(
            {
                "tenancy.client.read",
                "tenancy.client.manage",
                "tenancy.plugin.manage",
                "tenancy.merchant.read",
                "tenancy.merchant.manage",
                "tenancy.account.make",
                "tenancy.account.check",
                "tenancy.branch.read",
                "reports.collection.read",
                "bank.recon.read",
            }
        ),
        side="bank",
        conflicts=frozenset({"bank.auditor"}),
    ),
    Role(
        "bank.account_manager",
        N_("客户经理"),
        "BRANCH",
        frozenset(
            {
                "tenancy.client.read",
                "tenancy.merchant.read",
                "tenancy.account.make",
                "tenancy.branch.read",
                "reports.collection.read",
                "bank.recon.read",
            }
        ),
        side="bank",
        conflicts=frozenset({"bank.auditor"}),
    ),
    Role(
        "bank.support",
        N_("运营支持"),
        "ALL",
        frozenset({"tenancy.client.read", "tenancy.merchant.read", "tenancy.branch.read", "jobs.read"}),
        side="bank",
        conflicts=frozenset({"bank.auditor"}),
    ),
    Role(
        "bank.auditor",
        N_("审计合规"),
        "ALL",
        frozenset(
            {
                "identity.audit.read",
                "identity.user.read",
                "tenancy.client.read",
                "tenancy.merchant.read",
                "tenancy.branch.read",
                "reports.collection.read",
                "bank.recon.read",
            }
        ),
        side="bank",
        conflicts=frozenset({"bank.branch_admin", "bank.account_manager", "bank.support", "bank.sysadmin"}),
    ),
    Role(
        "bank.sysadmin",
        N_("平台管理员"),
        "ALL",
        frozenset(_PEOPLE | {"tenancy.branch.read", "tenancy.branch.manage", "jobs.read"}),
        side="bank",
        conflicts=frozenset({"bank.auditor"}),
    ),
)
