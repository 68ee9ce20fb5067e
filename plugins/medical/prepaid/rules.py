"""Whether money may be taken before a visit, without a database: public hospitals take none, but for what was filed with the authority (§4.5)."""

from collections.abc import Mapping

from plugins.medical.prepaid.errors import PrepayOff

ELDERLY = 65
EXCEPTIONS = ("emergency", "elderly")
"""Emergency care, and old people who ask for it; each counts only with the authority's filing number in the client's settings."""


def check_prepay(settings: Mapping[str, object], visit_kind: str | None, age: int | None) -> None:
    """PrepayOff unless the hospital may take prepayments at all, or this one is an exception that was filed.

    `[settings.medical]`: `allow_outpatient_prepay = false` (the default), `prepay_exceptions = { emergency = "filing no.", elderly = "filing no." }`.
    """
    told = settings.get("medical")
    own: Mapping[str, object] = told if isinstance(told, Mapping) else {}
    if own.get("allow_outpatient_prepay") is True:
        return
    filed = own.get("prepay_exceptions")
    filed = filed if isinstance(filed, Mapping) else {}
    if visit_kind == "emergency" and _filed(filed, "emergency"):
        return
    if age is not None and age >= ELDERLY and _filed(filed, "elderly"):
        return
    raise PrepayOff()


def _filed(filed: Mapping[str, object], exception: str) -> bool:
    number = filed.get(exception)
    return isinstance(number, str) and bool(number.strip())
