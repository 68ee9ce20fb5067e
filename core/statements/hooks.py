"""What statements offer through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path

from core.hookspecs import Permission, hook
from core.statements.protocol import StatementSource
from core.statements.sources import alipay, platform, stripe, unionpay, wechatpay
from core.web.i18n import N_

READ, MAKE = "statements.file.read", "statements.file.make"


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [Permission(READ, N_("查看对账文件")), Permission(MAKE, N_("上传对账文件"))]


@hook
def register_statement_sources() -> Sequence[StatementSource]:
    return [wechatpay.SOURCE, alipay.SOURCE, unionpay.SOURCE, stripe.SOURCE, platform.SOURCE]
