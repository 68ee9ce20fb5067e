"""What tenancy's actions are called in the audit trail."""

from core.web.i18n import N_

WORDS = {
    "tenancy.branch.create": N_("新建机构"),
    "tenancy.branch.rename": N_("机构改名"),
    "tenancy.client.open": N_("开立客户"),
    "tenancy.client.active": N_("启用客户"),
    "tenancy.client.suspended": N_("暂停客户"),
    "tenancy.client.closed": N_("终止客户"),
    "tenancy.client.change": N_("修改客户资料"),
    "tenancy.client.hand_over": N_("移交管理员"),
    "tenancy.plugin.enable": N_("开启插件"),
    "tenancy.plugin.disable": N_("关闭插件"),
    "tenancy.plugin.default": N_("设定插件默认值"),
    "tenancy.merchant.register": N_("登记商户"),
    "tenancy.merchant.activate": N_("启用商户"),
    "tenancy.merchant.suspended": N_("暂停商户"),
    "tenancy.merchant.closed": N_("终止商户"),
    "tenancy.account.make": N_("登记结算账户"),
    "tenancy.account.check": N_("复核结算账户"),
    "tenancy.account.retire": N_("停用结算账户"),
    "tenancy.channel.connect": N_("接入支付渠道"),
}
