"""The plan form: what was typed, read into a draft, with every mistake named by its field."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from core import clock
from core.database import Row
from core.web.i18n import gettext as _
from plugins.education.plans import drafts
from plugins.education.plans.schemas import InstalmentDraft, PlanDraft
from plugins.education.plans.service import shown_percent
from plugins.education.plans.templates import TemplateRead

TEMPLATES: dict[str, tuple[str, ...]] = {
    "50/30/20": ("50", "30", "20"),
    "60/40": ("60", "40"),
    "2": drafts.equal_parts(2),
    "3": drafts.equal_parts(3),
    "4": drafts.equal_parts(4),
}
"""Instalment templates by what the page posts; a number is that many equal parts."""
MOST_DATES = 4


class Posted(Protocol):
    """A form that came in."""

    def get(self, name: str, default: object = None) -> object: ...

    def getall(self, name: str, default: object = None) -> Sequence[object]: ...


class Typed(msgspec.Struct, kw_only=True):
    """The form as it was typed, to be given back."""

    code: str = ""
    title: str = ""
    term: str = ""
    item_codes: list[str] = []
    org_ids: list[str] = []
    due_on: str = ""
    usage_until: str = ""
    template: str = ""
    percents: str = ""
    dates: list[str] = []
    allow_partial: bool = True
    allow_merge: bool = True
    notice: str = ""
    publish_on: str = ""


Own = Mapping[str, tuple[str, tuple[str, ...]]]
"""The school's own templates by what the page posts: name and percentages."""


def own_templates(found: Sequence[TemplateRead]) -> Own:
    """The school's own templates for the form."""
    return {f"own:{each.code}": (each.name, tuple(each.percents)) for each in found}


def template_choices(own: Own) -> list[tuple[str, str]]:
    """The instalment templates for the page, the school's own first."""
    equal = [(n, _("%(n)s 期均分", n=n)) for n in ("2", "3", "4")]
    percents = [(key, _("按比例 %(key)s", key=key)) for key in TEMPLATES if "/" in key]
    mine = [(key, name) for key, (name, _percents) in own.items()]
    return [("", _("不分期，一次缴清")), *mine, *percents, *equal, ("custom", _("自定比例"))]


def read(form: Posted) -> Typed:
    """What came in, cut to sane lengths."""

    def text(name: str, longest: int = 100) -> str:
        return str(form.get(name) or "").strip()[:longest]

    return Typed(
        code=text("code"),
        title=text("title"),
        term=text("term", 20),
        item_codes=[str(code)[:40] for code in form.getall("item_codes", [])],
        org_ids=[str(org_id)[:40] for org_id in form.getall("org_ids", [])],
        due_on=text("due_on", 10),
        usage_until=text("usage_until", 10),
        template=text("template", 40),
        percents=text("percents", 60),
        dates=[text(f"date_{n}", 10) for n in range(1, MOST_DATES + 1)],
        allow_partial=bool(form.get("allow_partial")),
        allow_merge=bool(form.get("allow_merge")),
        notice=text("notice", 600),
        publish_on=text("publish_on", 10),
    )


def of_plan(plan: Row) -> Typed:
    """The form of a plan that is there."""
    percents = [percent for _, percent in plan.instalments]
    template = next((key for key, parts in TEMPLATES.items() if list(parts) == percents), "custom" if percents else "")
    return Typed(
        code=plan.code,
        title=plan.title,
        term=plan.term_code,
        item_codes=list(plan.item_codes),
        org_ids=list(plan.org_ids),
        due_on=str(plan.due_on),
        usage_until=str(plan.usage_until or ""),
        template=template,
        percents="/".join(shown_percent(percent) for percent in percents) if template == "custom" else "",
        dates=[due for due, _ in plan.instalments[:-1]],
        allow_partial=plan.allow_partial,
        allow_merge=plan.allow_merge,
        notice=plan.notice,
        publish_on=str(clock.business_day(plan.publish_at)) if plan.publish_at else "",
    )


def to_draft(typed: Typed, own: Own) -> tuple[PlanDraft | None, dict[str, str]]:
    """The draft, or what is wrong by field."""
    errors: dict[str, str] = {}
    due_on = _day(typed.due_on, "due_on", errors, required=True)
    publish_on = _day(typed.publish_on, "publish_on", errors)
    usage_until = _day(typed.usage_until, "usage_until", errors)
    org_ids = _uuids(typed.org_ids, errors)
    instalments = _instalments(typed, own, due_on, errors)
    if not typed.term:
        errors["term"] = _("请选择学期")
    if errors or due_on is None:
        return None, errors
    return (
        PlanDraft(
            code=typed.code,
            title=typed.title,
            term=typed.term,
            item_codes=tuple(typed.item_codes),
            due_on=due_on,
            usage_until=usage_until,
            org_ids=org_ids,
            instalments=instalments,
            allow_partial=typed.allow_partial or bool(instalments),
            allow_merge=typed.allow_merge,
            notice=typed.notice,
            publish_at=dt.datetime.combine(publish_on, dt.time(), clock.SHANGHAI) if publish_on else None,
        ),
        errors,
    )


def _day(text: str, name: str, errors: dict[str, str], required: bool = False) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text or required else None
    except ValueError:
        errors[name] = _("请选择日期")
        return None


def _uuids(texts: Sequence[str], errors: dict[str, str]) -> tuple[UUID, ...]:
    try:
        return tuple(UUID(text) for text in texts)
    except ValueError:
        errors["org_ids"] = _("请重新选择对象")
        return ()


def _instalments(typed: Typed, own: Own, due_on: dt.date | None, errors: dict[str, str]) -> tuple[InstalmentDraft, ...]:
    if not typed.template:
        return ()
    known = own[typed.template][1] if typed.template in own else TEMPLATES.get(typed.template)
    percents = known or tuple(part.strip() for part in typed.percents.replace("／", "/").split("/") if part.strip())
    if not 2 <= len(percents) <= MOST_DATES + 1:
        errors["percents"] = _("请写 2–%(n)s 个比例，用 / 隔开，例如 50/30/20", n=MOST_DATES + 1)
        return ()
    days = []
    for number, text in enumerate(typed.dates[: len(percents) - 1], 1):
        days.append(_day(text, f"date_{number}", errors, required=True))
    days.append(due_on)
    if any(day is None for day in days):
        return ()
    return tuple(InstalmentDraft(day, percent) for day, percent in zip(days, percents, strict=True))


def first_values(term: str, items: Mapping[str, str]) -> Typed:
    """A new form: everything the school charges for but what goes by use (billed month by month), in the coming term."""
    return Typed(term=term, item_codes=list(items))
