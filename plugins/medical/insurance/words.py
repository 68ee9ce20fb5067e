"""The words of settlements and of what the comparison with the insurer's files said."""

from core.web import statuses
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
VERDICTS = ("matched", "refused", "ours_only", "insurer_only", "differs")
