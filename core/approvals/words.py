"""The states of a proposal in words."""

from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, QUIET, WAIT

APPROVAL_WORDS = {
    "waiting": (N_("待复核"), WAIT),
    "approved": (N_("已同意"), GOOD),
    "rejected": (N_("已退回"), BAD),
    "withdrawn": (N_("已撤回"), QUIET),
}
