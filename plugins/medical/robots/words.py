"""The words of robots, runs and store days, for badges and histories."""

from core.identity import audit_words
from core.web import retold, statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

retold.register(N_("对账机器人运行"), N_("接受门店日差异 %(store)s %(day)s"))
statuses.register("medical.shop_platform", {"meituan": (N_("美团"), QUIET), "eleme": (N_("饿了么"), QUIET), "pdd": (N_("拼多多"), QUIET)})
statuses.register("medical.robot_way", {"site": (N_("商家后台网站"), QUIET), "mailbox": (N_("账单邮箱"), QUIET)})
statuses.register("medical.robot", {"on": (N_("已启用"), GOOD), "off": (N_("已停用"), QUIET)})
statuses.register(
    "medical.robot_authorisation",
    {
        "draft": (N_("待签署"), WAIT), "signed": (N_("已签署，未到开始日"), INFO), "active": (N_("生效中"), GOOD), "expired": (N_("已到期"), QUIET),
        "revoked": (N_("已撤销"), BAD),
    },
)  # fmt: skip
statuses.register(
    "medical.robot_run",
    {
        "scheduled": (N_("已排定"), WAIT), "unauthorised": (N_("没有有效授权"), BAD), "running": (N_("运行中"), INFO), "downloaded": (N_("已下载"), INFO),
        "normalised": (N_("已规范化"), INFO), "uploaded": (N_("已入库，等门店订单"), WAIT), "reconciled": (N_("已对平"), GOOD),
        "different": (N_("与门店不一致"), BAD), "login_failed": (N_("登录失败"), WARN), "captcha_required": (N_("需要人工验证"), WARN),
        "no_data": (N_("当日无数据"), WARN),
        "format_changed": (N_("格式变化"), WARN), "unreachable": (N_("连接失败"), WARN), "refused": (N_("文件不予接收"), BAD),
        "dead": (N_("多次失败，待人工"), BAD),
        "cancelled": (N_("已取消"), QUIET),
    },
)  # fmt: skip
statuses.register(
    "medical.store_day",
    {"waiting": (N_("等待另一方数据"), WAIT), "balanced": (N_("一致"), GOOD), "different": (N_("不一致"), BAD), "accepted": (N_("已接受差异"), QUIET)},
)
WHY = {
    "no_authorisation": N_("没有覆盖这一天和全部门店的有效授权：请药房财务签署授权后重试"),
    "revoked": N_("运行途中授权被撤销：已停止，没有保留任何文件"),
    "switched_off": N_("运行途中机器人被停用：已停止，没有保留任何文件"),
    "no_browser": N_("工作机上没有浏览器：请安装 Chromium 和 playwright 后重试，或手工上传文件"),
    "browser_broken": N_("浏览器没有启动：请在工作机上检查 Chromium 后重试，或手工上传文件"),
    "timeout": N_("网站没有按时应答：稍后自动重试"), "no_answer": N_("没有应答：稍后自动重试"), "host_unknown": N_("域名无法解析：请核对地址"),
    "fault": N_("程序出了意外：已记录，稍后自动重试"), "job_ended": N_("任务被人停止或多次中断：请重试"),
    "wrong_password": N_("账号或密码被拒绝：请更新密码后重试"), "session_ended": N_("登录后会话失效：凭据可能已被撤销，请核对后重试"),
    "captcha": N_("网站要求验证码：请人工下载后上传文件，或在平台完成验证后重试"),
    "no_bills": N_("平台显示当日无账单：请核实后确认无单，或重试"), "no_mail": N_("邮箱中没有这一天的账单邮件：请核实后确认无单，或重试"),
    "empty_file": N_("文件中没有订单：请核实后确认无单，或重试"), "no_attachment": N_("邮件没有账单附件：请人工下载后上传"),
    "page_changed": N_("网站页面与已知的不同：请人工下载后上传，并通知运维调整"), "page_instead_of_file": N_("下载到的是网页而不是账单：请人工下载后上传"),
    "columns_missing": N_("缺少已知的列"), "column_twice": N_("同名的列出现两次"), "other_day": N_("不是这一天的账单"), "order_twice": N_("同一订单出现两次"),
    "order_of_other_day": N_("订单已在另一次运行的账单中"), "file_of_other_day": N_("同一文件已由另一次运行入库"), "total_differs": N_("合计与明细不符"),
    "does_not_add_up": N_("结算金额与商品、活动、服务费、配送费、补贴算不平"), "sign_changed": N_("金额的正负号与已知的不同"),
    "not_an_amount": N_("金额无法识别"), "not_a_day": N_("日期无法识别"), "not_a_time": N_("时间无法识别"), "no_order_number": N_("缺少订单号"),
    "after_total": N_("合计行之后还有内容"), "other_kind_of_file": N_("文件类型与已知的不同"), "file_damaged": N_("文件已损坏"),
    "quotes_unbalanced": N_("文件中的引号不成对"),
    "not_a_spreadsheet": N_("文件不是表格"), "file_empty": N_("文件是空的"), "encoding_unknown": N_("文字编码无法识别"),
    "too_large": N_("文件过大，没有下载：请联系平台拆分"), "macro": N_("文件含有宏，没有打开：请另取不含宏的文件上传"),
    "old_excel": N_("旧版 Excel 文件可能含有宏，没有打开：请另取 .xlsx 或 .csv"), "bomb": N_("压缩文件异常，没有打开"), "encrypted": N_("文件有打开密码"),
    "forbidden_xml": N_("文件含有不允许的内容，没有打开"), "too_many_rows": N_("文件行数过多"), "too_many_columns": N_("文件列数过多"),
    "too_many_files": N_("附件过多，没有打开"),
    "formula": N_("文件含有公式，没有入库"), "store_unknown": N_("文件中有未登记的门店，没有入库"),
    "led_elsewhere": N_("网站把机器人引向别处，已停止"), "inside_address": N_("地址指向内部网络，已停止"),
}  # fmt: skip
"""Why a run ended, and what to do."""
statuses.register("medical.robot_why", {code: (word, WARN) for code, word in WHY.items()})
STEPS = {
    "begun": N_("开始运行"), "begun_again": N_("中断后重新开始"), "logged_in": N_("登录成功，授权仍有效"), "download": N_("授权仍有效，开始下载"),
    "upload": N_("授权仍有效，开始入库"),
    "normalised": N_("已规范化"), "downloaded": N_("原始账单已保存"), "uploaded": N_("已入库"), "reconciled": N_("已对平"), "different": N_("与门店不一致"),
    "dead": N_("多次失败，待人工"), "sent": N_("人工发起"), "brought_by_hand": N_("人工上传文件"), "no_orders_confirmed": N_("人工确认当日无单"),
    "not_kept": N_("文件没有保留"), "unauthorised": N_("没有有效授权"), "login_failed": N_("登录失败"), "captcha_required": N_("需要人工验证"),
    "no_data": N_("当日无数据"), "format_changed": N_("格式变化"), "unreachable": N_("连接失败"), "refused": N_("文件不予接收"),
}  # fmt: skip
statuses.register("medical.robot_step", {code: (word, QUIET) for code, word in STEPS.items()})
statuses.register(
    "medical.robot_artefact",
    {"statement": (N_("原始账单"), GOOD), "normalised": (N_("规范化账单"), INFO), "page": (N_("失败页面截图"), QUIET), "unread": (N_("未能识别的文件"), WARN)},
)
audit_words.register(
    {
        "medical.robot.save": N_("设置机器人"), "medical.robot.switch": N_("启停机器人"), "medical.robot.send": N_("发起机器人运行"),
        "medical.robot.upload": N_("人工上传账单"), "medical.robot.no_orders": N_("确认当日无单"), "medical.robot.look": N_("下载机器人文件"),
        "medical.robot_authorisation.draft": N_("起草机器人授权"), "medical.robot_authorisation.sign": N_("签署机器人授权"),
        "medical.robot_authorisation.revoke": N_("撤销机器人授权"), "medical.store_day.accept": N_("接受门店日差异"),
        "medical.till_orders.take": N_("登记门店订单"),
    }
)  # fmt: skip
audit_words.register_facts(
    {
        "platform": N_("平台"), "address": N_("地址"), "stores": N_("门店"), "bill_on": N_("账单日期"), "file": N_("文件"), "sha256": N_("文件校验值"),
        "hash": N_("内容校验值"), "valid_from": N_("开始日期"), "valid_to": N_("结束日期"), "secret_changed": N_("更换密钥"),
        "store": N_("门店"), "shop_orders": N_("平台笔数"), "shop_fen": N_("平台金额"), "till_orders": N_("收银笔数"), "till_fen": N_("收银金额"),
    }
)  # fmt: skip
audit_words.register_codes("robot", {"status": "medical.robot", "platform": "medical.shop_platform"})
audit_words.register_codes("robot_authorisation", {"status": "medical.robot_authorisation"})
audit_words.register_codes("robot_task", {"status": "medical.robot_run"})
audit_words.register_codes("store_day", {"status": "medical.store_day", "platform": "medical.shop_platform"})
