"""`roster`: 8,000 students of a made-up school from the uploaded bytes until everything is committed."""

import datetime as dt
import io
import json
import statistics
import time
from collections.abc import Sequence

import xlsxwriter

from core.bench.figures import Benchmark, Figure, at_most
from core.bench.ground import Ground, seat
from core.identity.actor import system
from core.imports.schemas import ImportContext
from plugins.education.organisation import service as organisation
from plugins.education.roster import service as roster
from plugins.education.roster.columns import COLUMNS

STUDENTS, CLASSES = 8_000, 200
ROUNDS = 3
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


async def measure(ground: Ground) -> Sequence[Figure]:
    """Check and apply the same file for three empty schools; the median counts."""
    content, took = _file(), []
    for _ in range(ROUNDS):
        made = await seat(ground)
        client = await ground.platform.directory.profile(made.id)
        context = ImportContext(platform=ground.platform, client=client, by=system(made.id))
        await organisation.apply(context, await organisation.check(context, _tree(), "org-tree.json"))
        began = time.perf_counter()
        check = await roster.check(context, content, "roster.xlsx")
        await roster.apply(context, check)
        took.append(time.perf_counter() - began)
        assert (check.totals.new, check.totals.rejected) == (STUDENTS, 0), check.totals
    note = f"{STUDENTS} rows × {len(COLUMNS)} columns, read, judged, sealed and committed; median of {ROUNDS} schools"
    return [at_most("roster", statistics.median(took), 5.0, "s", note)]


def _tree() -> bytes:
    classes = [f"{number}班" for number in range(1, CLASSES + 1)]
    grade = {"name": "一年级", "grade_no": 1, "classes": classes}
    campus = {"name": "本部", "code": "01", "divisions": [{"name": "小学部", "grades": [grade]}]}
    return json.dumps({"group": "基准集团", "school": "基准学校", "campuses": [campus]}, ensure_ascii=False).encode()


def _file() -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet, day = book.add_worksheet("学生名册"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, [column.title for column in COLUMNS])
    for number in range(STUDENTS):
        row = _student(number)
        for at, column in enumerate(COLUMNS):
            value = row.get(column.key)
            if isinstance(value, dt.date):
                sheet.write_datetime(number + 1, at, dt.datetime.combine(value, dt.time()), day)
            elif value is not None:
                sheet.write_string(number + 1, at, value)
    book.close()
    return buffer.getvalue()


def _student(number: int) -> dict[str, object]:
    born = dt.date(2015, 1, 1) + dt.timedelta(days=number % 700)
    id_no = _id(f"110105{born:%Y%m%d}", number)
    return {
        "student_no": f"{26_0000_0000 + number:010d}", "name": f"学生{_chinese(number)}", "id_type": "居民身份证", "id_no": id_no,
        "gender": "男" if int(id_no[16]) % 2 else "女", "birth_on": born, "register_no": f"G{id_no}", "campus": "本部", "division": "小学部",
        "grade": "一年级", "class_name": f"{number % CLASSES + 1}班", "boarding": "走读" if number % 3 else "寄宿", "student_type": "普通",
        "entry_on": dt.date(2026, 9, 1), "status": "在读", "guardian1_name": f"家长{_chinese(number)}", "guardian1_relation": "母亲",
        "guardian1_phone": f"154{number:08d}", "guardian2_name": f"家长{_chinese(number + 1)}", "guardian2_phone": f"161{number:08d}",
    }  # fmt: skip


def _id(head: str, number: int) -> str:
    body = f"{head}{number // 700:03d}"
    return body + "10X98765432"[sum(w * int(c) for w, c in zip(_WEIGHTS, body, strict=True)) % 11]


def _chinese(number: int) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(number))


BENCHMARKS = (Benchmark("roster", "8,000 rows from upload to committed", measure),)
