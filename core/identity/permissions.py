"""Every right that core's own routes ask for, with the words a person reads when roles are granted (domain book §9)."""

from core.hookspecs import Permission
from core.web.i18n import N_

PERMISSIONS = tuple(
    Permission(code, title)
    for code, title in (
        ("identity.user.read", N_("查看用户")),
        ("identity.user.manage", N_("管理用户")),
        ("identity.role.grant", N_("授予角色")),
        ("identity.org.read", N_("查看组织架构")),
        ("identity.org.manage", N_("管理组织架构")),
        ("identity.key.manage", N_("管理接口密钥")),
        ("identity.audit.read", N_("查看操作日志")),
        ("tenancy.client.read", N_("查看客户")),
        ("tenancy.client.manage", N_("开立与管理客户")),
        ("tenancy.branch.read", N_("查看机构")),
        ("tenancy.branch.manage", N_("管理机构")),
        ("tenancy.plugin.manage", N_("为客户开关插件")),
        ("tenancy.plugin.default", N_("设定插件默认值")),
        ("tenancy.merchant.read", N_("查看收款商户")),
        ("tenancy.merchant.manage", N_("管理收款商户")),
        ("tenancy.account.make", N_("登记结算账户")),
        ("tenancy.account.check", N_("复核结算账户")),
        ("billing.item.read", N_("查看收费项目")),
        ("billing.item.manage", N_("管理收费项目")),
        ("billing.bill.read", N_("查看账单")),
        ("billing.bill.adjust", N_("经办账单调整")),
        ("billing.bill.check", N_("复核账单调整")),
        ("billing.status.read", N_("查看缴费状态")),
        ("payments.order.read", N_("查看支付单")),
        ("payments.payment.read", N_("查看收款")),
        ("payments.suspense.read", N_("查看挂账")),
        ("payments.suspense.resolve", N_("处理挂账")),
        ("refunds.refund.read", N_("查看退款")),
        ("refunds.refund.make", N_("经办退款")),
        ("refunds.refund.check", N_("复核退款")),
        ("ledger.journal.read", N_("查看记账凭证")),
        ("reports.collection.read", N_("查看收缴报表")),
        ("bank.recon.read", N_("查看客户对账情况")),
        ("exports.make", N_("导出数据")),
        ("imports.make", N_("导入数据")),
        ("jobs.read", N_("查看任务")),
    )
)
