"""The words of arrivals and of the clearing account's entries."""

from core.identity import audit_words
from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

ARRIVAL_STATES = (
    ("expected", N_("待到账"), WAIT),
    ("arrived", N_("已到账"), GOOD),
    ("differs", N_("金额不符"), BAD),
    ("missing", N_("逾期未到"), BAD),
)
ENTRY_STATES = (
    ("new", N_("待认领"), WAIT),
    ("matched", N_("已对上"), GOOD),
    ("suspense", N_("已挂账"), WARN),
    ("withdrawn", N_("银行已更正"), QUIET),
)
ENTRY_KINDS = (
    ("arrival", N_("渠道结算"), INFO),
    ("payout", N_("结算付款"), INFO),
    ("returned", N_("退票"), BAD),
    ("other", N_("其他"), QUIET),
)
MATCHED_BY = {"reference": N_("附言"), "amount": N_("金额"), "number": N_("付款指令号"), "person": N_("人工认领")}

statuses.register("arrival", {code: (label, tone) for code, label, tone in ARRIVAL_STATES} | {"nothing": (N_("无交易"), QUIET)})
statuses.register("bank_entry", {code: (label, tone) for code, label, tone in ENTRY_STATES})
statuses.register("bank_entry_kind", {code: (label, tone) for code, label, tone in ENTRY_KINDS})
statuses.register("bank_entry_by", {code: (label, QUIET) for code, label in MATCHED_BY.items()})
statuses.register("bank_assignment", {"standing": (N_("有效"), GOOD), "reversed": (N_("已撤销"), QUIET)})
statuses.register("bank_connection", {"active": (N_("使用中"), GOOD), "suspended": (N_("已停用"), QUIET)})
statuses.extend("channel", {"bank": (N_("银行清算户"), QUIET)})
statuses.extend("journal", {
    "channel.settled": (N_("渠道结算到账"), GOOD),
    "funds.unexplained": (N_("银行账户不明款项"), WARN),
    "funds.unexplained.reversed": (N_("冲正：银行账户不明款项"), BAD),
    "funds.assigned": (N_("银行款项人工认领"), GOOD),
    "funds.assigned.reversed": (N_("冲正：银行款项人工认领"), BAD),
})  # fmt: skip
statuses.extend("journal_about", {"arrival": (N_("渠道到账"), WAIT), "bank_entry": (N_("银行流水"), WAIT)})

audit_words.register({
    "settlement.bank.connect": N_("接通银行清算户"), "settlement.arrivals.match": N_("核对到账"),
    "settlement.entry.assign": N_("认领银行款项"), "settlement.entry.unassign": N_("撤销认领银行款项"),
})  # fmt: skip
