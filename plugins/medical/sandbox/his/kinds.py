"""How a HIS errs, at each step of its own; added to the sandbox's faults under `his_<step>_<what>`."""

from core.sandbox.faults import kinds
from core.sandbox.faults.kinds import Kind

STEPS = {"payment": "上账", "query": "查询", "cancel": "撤销上账", "refund": "退费记账", "reversal": "医保撤销"}
_ERRORS = (
    Kind("error", "返回 500，不执行"),
    Kind("lost", "请求丢失，不执行也不应答", 10.0),
    Kind("timeout", "已执行，但迟迟不应答", 10.0),
    Kind("late", "已执行，应答迟到", 2.0),
    Kind("twice", "重复执行，产生两个流水号"),
    Kind("amount", "应答中的金额不符（签名有效）"),
    Kind("tamper", "应答签名被篡改"),
    Kind("refuse", "拒绝受理"),
)
KINDS = tuple(Kind(f"his_{step}_{what.code}", f"HIS {title}：{what.title}", what.seconds) for step, title in STEPS.items() for what in _ERRORS)
kinds.register(KINDS)
