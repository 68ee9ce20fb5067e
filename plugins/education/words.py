"""The words of the school's states and deeds, for badges and histories."""

from core.identity import audit_words
from core.payers import words as payers
from core.web import retold, statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

for kind in ("school", "school_group"):
    payers.register(kind, payers.Words(N_("学生"), N_("学生姓名"), N_("学号")))
statuses.register(
    "education.student",
    {
        "预录": (N_("预录"), WAIT),
        "在读": (N_("在读"), GOOD),
        "休学": (N_("休学"), WARN),
        "转学": (N_("转学"), QUIET),
        "退学": (N_("退学"), QUIET),
        "毕业": (N_("毕业"), QUIET),
    },
)
statuses.register(
    "education.leaving",
    {
        "drafted": (N_("已按退费规则生成退款草稿，财务核对后提交"), WAIT),
        "nothing_paid": (N_("没有缴过费，不需要退费"), QUIET),
        "nothing_back": (N_("按退费规则没有可退的金额，没有生成退款草稿"), QUIET),
        "under_way": (N_("退款已经在办理，没有另起草稿"), QUIET),
        "not_suspended": (N_("本单位休学不退费，没有生成退款草稿"), QUIET),
        "withdrawn": (N_("未提交的退款草稿已经作废"), QUIET),
    },
)
statuses.register(
    "education.standard",
    {
        "draft": (N_("草稿"), WAIT),
        "checked": (N_("待复核"), INFO),
        "approved": (N_("已复核"), GOOD),
        "retired": (N_("已停用"), QUIET),
    },
)
statuses.register(
    "education.reading",
    {
        "abnormal": (N_("待核实"), WAIT),
        "confirmed": (N_("已确认"), GOOD),
        "withdrawn": (N_("已撤回"), QUIET),
    },
)
statuses.register(
    "education.billing",
    {
        "waiting": (N_("待出账"), WAIT),
        "partial": (N_("部分出账"), WARN),
        "billed": (N_("已出账"), GOOD),
        "nobody": (N_("无人居住"), WARN),
        "unused": (N_("没有用量"), QUIET),
        "none": (N_("未计费"), QUIET),
    },
)
statuses.register(
    "education.own_item",
    {
        "paid": (N_("已缴"), GOOD),
        "partial": (N_("部分缴"), WARN),
        "unpaid": (N_("未缴"), WAIT),
        "none": (N_("无应缴"), QUIET),
    },
)
statuses.register(
    "education.plan",
    {
        "draft": (N_("草稿"), WAIT),
        "standards_checked": (N_("待复核"), INFO),
        "approved": (N_("待发布"), INFO),
        "published": (N_("已发布"), GOOD),
        "closed": (N_("已关闭"), QUIET),
    },
)
statuses.register(
    "education.grant",
    {
        "applied": (N_("待核验材料"), WAIT),
        "evidence_checked": (N_("待批准"), WAIT),
        "approved": (N_("已批准"), GOOD),
        "applied_to_bill": (N_("已计入账单"), GOOD),
        "rejected": (N_("已驳回"), BAD),
        "revoked": (N_("已撤销"), QUIET),
    },
)
statuses.register(
    "education.org_kind",
    {
        "group": (N_("集团"), QUIET),
        "school": (N_("学校"), QUIET),
        "campus": (N_("校区"), QUIET),
        "division": (N_("学部"), QUIET),
        "grade": (N_("年级"), QUIET),
        "class": (N_("班级"), QUIET),
    },
)
audit_words.register(
    {
        "approval.propose": N_("提交复核"),
        "approval.approve": N_("同意复核"),
        "approval.reject": N_("退回"),
        "approval.withdraw": N_("撤回"),
        "education.student.status": N_("变更学籍状态"),
        "education.student.phone": N_("变更登记手机号"),
        "education.term.register": N_("登记学期"),
        "education.standard.create": N_("新增收费标准"),
        "education.standard.change": N_("修改收费标准"),
        "education.standard.retire": N_("停用收费标准"),
        "education.standard.approve": N_("复核收费标准"),
        "education.discount.create": N_("新增优惠规则"),
        "education.template.create": N_("新增分期模板"),
        "education.template.change": N_("修改分期模板"),
        "education.discount.change": N_("修改优惠规则"),
        "education.discount.retire": N_("停用优惠规则"),
        "education.item.merchant": N_("变更收款商户"),
        "education.item.keeper": N_("变更收费项目的管理岗位"),
        "education.room.add": N_("新增宿舍房间"),
        "education.stay.begin": N_("办理入住"),
        "education.stay.end": N_("办理退宿"),
        "education.meter.add": N_("登记水电表"),
        "education.meter.close": N_("停用水电表"),
        "education.reading.add": N_("抄表"),
        "education.reading.confirm": N_("确认读数"),
        "education.reading.withdraw": N_("撤回读数"),
        "education.meals.write": N_("登记用餐天数"),
        "education.meals.fill": N_("批量登记用餐天数"),
        "education.grant.apply": N_("申请优惠"),
        "education.grant.check": N_("核验优惠材料"),
        "education.grant.approve": N_("批准优惠"),
        "education.grant.reject": N_("驳回优惠申请"),
        "education.grant.revoke": N_("撤销优惠"),
        "education.grant.carry": N_("按优惠调整账单"),
        "education.imported.write": N_("导入账单"),
        "education.imported.clear": N_("清空导入的账单"),
        "education.plan.create": N_("新建收费批次"),
        "education.plan.correct": N_("修改收费批次"),
        "education.plan.reopen": N_("收费批次退回草稿"),
        "education.plan.approve": N_("复核收费批次"),
        "education.plan.publish": N_("发布收费批次"),
        "education.plan.recall": N_("召回收费批次"),
        "education.plan.close": N_("关闭收费批次"),
    }
)
audit_words.register_facts(
    {
        "standards": N_("收费标准"), "discounts": N_("优惠规则"), "instalments": N_("分期"), "notice": N_("通知"), "publish_at": N_("发布时间"),
        "org_ids": N_("范围"), "starts_on": N_("开始"), "ends_on": N_("结束"), "months_counted": N_("计费月数"), "teaching_days": N_("教学天数"),
        "refund": N_("退费"), "drafts": N_("退款草稿"), "item_codes": N_("收费项目"),
        "approval_doc_no": N_("批准文号"), "price_fen": N_("单价"), "scope": N_("适用范围"), "campus": N_("校区"), "division": N_("学部"),
        "grade": N_("年级"), "class_name": N_("班级"), "boarding": N_("是否寄宿"), "student_type": N_("学生类型"),
        "usage_until": N_("用量截至"), "keeper": N_("管理岗位"), "unit": N_("计量单位"), "building": N_("楼栋"), "number": N_("房间号"),
        "beds": N_("床位数"), "plan": N_("收费批次"), "discount_fen": N_("减免"),
        "room": N_("房间"), "since": N_("入住日期"), "until": N_("最后一天"), "meter_no": N_("表号"),
        "opening": N_("起始读数"), "opened_on": N_("启用日期"), "closed_on": N_("停用日期"), "read_on": N_("抄表日期"),
        "previous": N_("上期读数"), "value": N_("本期读数"), "days": N_("用餐天数"), "month": N_("月份"),
        "allow_partial": N_("可分几次缴清"), "allow_merge": N_("可与兄弟姐妹合并"),
    }
)
audit_words.register_codes("student", {"refund": "education.leaving"})
retold.register(
    N_("收费批次 %(title)s"),
    N_("发布收费批次 %(title)s"),
    N_("变更登记手机号 %(who)s"),
    N_("优惠计入账单 %(title)s"),
    N_("收费标准 %(n)s 条、优惠规则 %(m)s 条"),
)
"""What the school's jobs and proposals are called."""
