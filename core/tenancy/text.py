"""What people type, trimmed and measured before it is kept."""

import re
from uuid import UUID

from stdnum.cn import uscc as uscc_rules

from core.errors import NotFound
from core.tenancy.errors import CodeMalformed, FieldMissing, FieldTooLong, ReasonMissing, UsccMalformed

_CODE = re.compile(r"[a-z][a-z0-9-]{2,31}")
_SHORT_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


def client_code(value: str) -> str:
    """A client's code as it stands in addresses."""
    code = value.strip()
    if not _CODE.fullmatch(code):
        raise CodeMalformed(code=code)
    return code


def short_code(value: str) -> str:
    """A branch's or merchant's code."""
    code = value.strip()
    if not _SHORT_CODE.fullmatch(code):
        raise CodeMalformed("编码“{code}”不合规范：请用 1–32 位字母、数字、连字符", code=code)
    return code


def required(value: str, field: str, limit: int = 100) -> str:
    """A line of text that must be there; `field` is its Chinese name."""
    line = " ".join(value.split())
    if not line:
        raise FieldMissing(field=field)
    if len(line) > limit:
        raise FieldTooLong(field=field, limit=limit)
    return line


def reason(value: str | None) -> str:
    """Why something was done: two to two hundred characters."""
    line = " ".join((value or "").split())
    if len(line) < 2 or len(line) > 200:
        raise ReasonMissing()
    return line


def code_of_company(value: str) -> str | None:
    """A unified social credit code with a right check character, or nothing."""
    code = value.strip().upper()
    if code and not uscc_rules.is_valid(code):
        raise UsccMalformed()
    return code or None


def place_of(value: str | UUID) -> UUID:
    """The branch that a form names."""
    try:
        return UUID(str(value))
    except ValueError:
        raise NotFound("请选择开户网点") from None
