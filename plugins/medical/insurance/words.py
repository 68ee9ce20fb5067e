"""The words of settlements and of what the comparison with the insurer's files said."""

from core.identity import audit_words
from core.web import retold, statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

statuses.register(
    "medical.settlement",
    {
        "pre_settled": (N_("已预结"), WAIT),
        "settled": (N_("已结算，待拨付"), INFO),
        "reversing": (N_("撤销中"), WARN),
        "reversed": (N_("医保已撤销"), QUIET),
        "cleared": (N_("已清算"), GOOD),
        "cancelled": (N_("已作废"), QUIET),
    },
)
statuses.register(
    "medical.clearing",
    {
        "matched": (N_("一致"), GOOD),
        "refused": (N_("有拒付"), WARN),
        "ours_only": (N_("医保未拨付"), BAD),
        "insurer_only": (N_("只有医保有"), BAD),
        "differs": (N_("金额不符"), BAD),
    },
)
statuses.register("medical.clearing_file", {"counts": (N_("参与核对"), GOOD), "waiting": (N_("撤回待复核"), WAIT), "taken_back": (N_("已撤回"), QUIET)})
audit_words.register(
    {"approval.propose.medical.clearing_file": N_("申请撤回清算文件"), "medical.clearing.take_back": N_("撤回清算文件")}
)  # fmt: skip
audit_words.register_facts(
    {"insurer_paid_fen": N_("拨付金额"), "insurer_refused_fen": N_("拒付金额"), "loaded_by": N_("导入人"), "waiting_again": N_("重新等待拨付的结算")}
)  # fmt: skip
retold.register(N_("撤回医保清算文件 %(file)s"))
"""What a proposal to take a file back is called."""
VERDICTS = ("matched", "refused", "ours_only", "insurer_only", "differs")
