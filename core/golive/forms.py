"""The way's forms as pages post them."""

import datetime as dt
from typing import Annotated

import msgspec

from core.errors import PlatformError
from core.golive.errors import DueWrong
from core.golive.schemas import StepPatch


class StepForm(msgspec.Struct, forbid_unknown_fields=False):
    """Who takes a step on, until when, and a note."""

    owner: Annotated[str, msgspec.Meta(max_length=36)] = ""
    due_on: Annotated[str, msgspec.Meta(max_length=10)] = ""
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def patch(self) -> StepPatch:
        """The same as the service takes it; DueWrong for a day that is none."""
        try:
            due_on = dt.date.fromisoformat(self.due_on) if self.due_on else None
        except ValueError:
            raise DueWrong() from None
        return StepPatch(owner=self.owner, due_on=due_on, note=self.note)


class TrialForm(msgspec.Struct, forbid_unknown_fields=False):
    """For which merchant the cent is paid."""

    merchant: Annotated[str, msgspec.Meta(max_length=36)] = ""


def field_of(error: PlatformError) -> str:
    """Beside which field an error stands."""
    return "due_on" if error.code == DueWrong.code else "owner"
