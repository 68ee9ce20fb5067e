"""How personal data is shown: the masking rules of domain book §10, applied on the server before anything leaves it."""

import re

STAR = "*"

COMPOUND_SURNAMES = frozenset(
    {
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "长孙",
        "宇文",
        "司徒",
        "司空",
        "夏侯",
        "端木",
        "南宫",
        "独孤",
        "轩辕",
        "闻人",
        "澹台",
        "申屠",
        "太史",
        "赫连",
    }
)

_BUILDING = re.compile(r"^.*?\d+\s*(?:号楼|栋|幢|座|楼)")
_PLACE = re.compile(r"^.*(?:小区|花园|广场|大厦|公寓|苑|村|社区|街道|大道|路|街|镇|区|县|市)")
_ORGANISATION = re.compile(
    r"公司|集团|银行|学校|学院|大学|中学|小学|幼儿园|医院|卫生院|诊所|委员会|居委会|村委会|协会|学会|基金会|事务所|合作社|工作室|俱乐部|服务部|经营部|专卖店|分店|商行"
    r"|.{3,}(?:中心|工厂)$|.{4,}[厂店局厅处院所社馆站]$|\b(?:co|ltd|inc|llc|corp|gmbh|plc)\b",
    re.IGNORECASE,
)
_CLASS_NUMBER = re.compile(r"[0-9０-９一二三四五六七八九十百A-Za-z]+(?=\)?）?班)")


def _kept(text: str, first: int, last: int) -> str:
    """Keep the ends of a text and star what lies between; texts too short for that keep at most their last character."""
    hidden = len(text) - first - last
    if hidden < 1:
        return STAR * max(len(text) - 1, 1) + text[-1:] if len(text) > 1 else STAR * len(text)
    return text[:first] + STAR * hidden + (text[-last:] if last else "")


def mask_name(name: str | None) -> str:
    """A person's name with only its first character left: 张三 → 张*, 欧阳小明 → 欧***."""
    text = (name or "").strip()
    return text[:1] + STAR * max(len(text) - 1, 0) if len(text) > 1 else STAR * len(text)


def is_organisation(name: str | None) -> bool:
    """Whether a name is a company's, a school's, an office's: public, unlike a person's."""
    return bool(_ORGANISATION.search((name or "").strip()))


def mask_party(name: str | None) -> str:
    """A name that may be a person's or an organisation's: an organisation's in full (青榕物业有限公司), a person's masked (张*)."""
    return (name or "").strip() if is_organisation(name) else mask_name(name)


def mask_lookup_name(name: str | None) -> str:
    """The name on a page that anyone may open: the surname is hidden instead, 张小明 → *小明; an organisation's is shown."""
    text = (name or "").strip()
    if is_organisation(text):
        return text
    surname = 2 if len(text) > 2 and text[:2] in COMPOUND_SURNAMES else 1
    return STAR * min(surname, len(text)) + text[surname:]


def mask_lookup_class(name: str | None) -> str:
    """A class on a page that anyone may open, without its number: 三年级2班 → 三年级*班."""
    grade, year, rest = (name or "").strip().rpartition("年级")
    return f"{grade}{year}{_CLASS_NUMBER.sub(STAR, rest, count=1)}"


def mask_id(number: str | None) -> str:
    """An identity number: first three and last four, 350582201801010014 → 350***********0014."""
    return _kept((number or "").strip(), 3, 4)


def mask_phone(number: str | None) -> str:
    """A mobile number: 138****5678; a country code and separators are dropped first, other numbers keep their last four."""
    digits = re.sub(r"[\s\-()]", "", number or "")
    digits = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", digits)
    return _kept(digits, 3, 4) if len(digits) >= 11 else _kept(digits, 0, 4)


def mask_card(number: str | None) -> str:
    """A bank card or account: first six and last four, 622908*********0010; short accounts keep their last four only."""
    digits = re.sub(r"[\s\-]", "", number or "")
    return _kept(digits, 6, 4) if len(digits) >= 13 else _kept(digits, 0, 4)


def mask_email(address: str | None) -> str:
    """An e-mail address: a***@x.cn."""
    local, at, domain = (address or "").strip().rpartition("@")
    return f"{local[:1]}***@{domain}" if at else _kept(domain, 1, 0)


def mask_address(address: str | None) -> str:
    """An address down to its building, the room hidden: 阳光花园3栋2单元1001室 → 阳光花园3栋***."""
    text = (address or "").strip()
    found = _BUILDING.match(text) or _PLACE.match(text)
    if not text:
        return ""
    return (found.group() if found else text[:1]) + STAR * 3


def mask_plate(plate: str | None) -> str:
    """A number plate: 闽C12388 → 闽C***88."""
    text = re.sub(r"[\s·]", "", plate or "")
    return f"{text[:2]}***{text[-2:]}" if len(text) >= 7 else STAR * len(text)
