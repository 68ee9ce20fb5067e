"""Columns that name people: a list gives them whole, and they are masked here before they leave, unless a second person agreed otherwise."""

from collections.abc import Callable, Collection, Mapping, Sequence

from core.hookspecs import Export
from core.masking import mask_id, mask_name, mask_party, mask_phone

MASKS: Mapping[str, Callable[[str], str]] = {"name": mask_name, "party": mask_party, "phone": mask_phone, "id_no": mask_id}
"""Kinds of columns that are text about people, with what is left of it; `party` shows an organisation's name whole."""


def titles(export: Export, left_out: Collection[int] = ()) -> list[str]:
    """The columns about people that a file would have."""
    return [title for place, (title, kind) in enumerate(export.columns) if kind in MASKS and place not in left_out]


def as_text(columns: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The columns as a workbook knows them."""
    return [(title, "text" if kind in MASKS else kind) for title, kind in columns]


def masked(columns: Sequence[tuple[str, str]], row: Sequence[object]) -> list[object]:
    """A row with what is about people masked."""
    return [MASKS[kind](str(value or "")) if kind in MASKS else value for (_title, kind), value in zip(columns, row, strict=True)]
