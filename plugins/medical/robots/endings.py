"""How a run may end before its file is taken in: each ending is the state its task gets, with a code and facts without secrets."""

NO_ORDERS = ("no_bills", "no_mail", "empty_file")
"""Codes that a person may confirm: there was nothing that day."""


class Ending(Exception):
    """The run stops here. `state` is the task's new state, `code` says why; `keep` are files for a person's eyes (a picture of the page)."""

    state = "unreachable"

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = {name: _short(value) for name, value in facts.items() if value not in ("", None)}
        self.keep: list[tuple[str, bytes]] = []


class Unreachable(Ending):
    """The site or mailbox did not answer, or there is no browser to ask it with."""


class LoginFailed(Ending):
    """Account or password were refused."""

    state = "login_failed"


class CaptchaRequired(Ending):
    """The site wants to see a person."""

    state = "captcha_required"


class NoOrders(Ending):
    """There is nothing for that day."""

    state = "no_data"


class FormatChanged(Ending):
    """Page or file are not as they were known."""

    state = "format_changed"


class Refused(Ending):
    """A file that may not be taken in: too large, with macros, a bomb; or a site that leads elsewhere."""

    state = "refused"


class Unauthorised(Ending):
    """No authorisation covers this run (any more)."""

    state = "unauthorised"


def _short(value: object) -> object:
    return value if isinstance(value, int) else str(value)[:80]
