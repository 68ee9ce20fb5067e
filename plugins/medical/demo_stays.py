"""The demo hospital's stays: two patients in bed with deposits and daily lists, one who is about to leave."""

import datetime as dt
from decimal import Decimal
from typing import Any

from core import clock
from plugins.medical.inpatients import daily, depositing, entry
from plugins.medical.inpatients import repository as stays
from plugins.medical.inpatients import service as inpatients
from plugins.medical.inpatients.schemas import AdmissionAsk, DailyListAsk, DischargeAsk, ListItem

STAYS = (("XN", "五病区", "12", 6, (300_000, 200_000)), ("GK", "七病区", "03", 4, (500_000,)), ("XH", "六病区", "21", 9, (300_000, 300_000)))
"""Department, ward, bed, days ago, deposits in fen; the last one is about to leave."""
LIST = (("床位费", "普通床位", 6_000), ("护理费", "二级护理", 2_400), ("西药费", "头孢呋辛钠", 18_600), ("化验费", "凝血四项", 9_800))


async def admit_some(month: Any, patients: list[str]) -> None:
    """Admissions, deposits by card on the day of admission, one list a day; `month` is the demo's own writer."""
    for patient_no, (department, ward, bed, ago, deposits) in zip(patients, STAYS, strict=False):
        on = clock.today() - dt.timedelta(days=ago)
        visit_no = f"ZY{on:%Y%m%d}{bed}"
        ask = AdmissionAsk(visit_no=visit_no, patient_no=patient_no, department=department, ward=ward, bed=bed, doctor="郑医生", admitted_on=on)
        admission_id = await entry.admit(month.session, ask, month.by)
        stay = await stays.find_by_visit(month.session, visit_no)
        for at, fen in enumerate(deposits):
            order = await depositing.place(
                month.session, month.keys, month.client.settings, stay, fen, "inpatient", f"{visit_no}-{at}", month.by
            )
            for row in await month.slip(order, on + dt.timedelta(days=at)):
                await inpatients.deposit_paid(month.session, row)
        for day in range(ago):
            items = tuple(ListItem(category, name, Decimal(1), fen, fen) for category, name, fen in LIST)
            told = DailyListAsk(day=on + dt.timedelta(days=day), total_fen=sum(item.amount_fen for item in items), items=items)
            await daily.put(month.session, month.keys, month.client.settings, visit_no, told, month.by)
    await inpatients.ask_discharge(month.session, admission_id, DischargeAsk(), month.by)
