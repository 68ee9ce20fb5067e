"""The demo clients: declared in `tenants/`, filled by their plugins, with the log-ins that are printed."""

from pathlib import Path

import msgspec
import pyotp

from core.platform import Platform
from core.tenancy import apply, declaration
from core.tenancy.changes import Change


class LogIn(msgspec.Struct, frozen=True):
    """How somebody of the demo logs in; `code` is their one-time code of this half minute, where they need one."""

    where: str
    name: str
    login: str
    password: str
    roles: str
    code: str = ""


async def load(platform: Platform, folder: Path) -> list[Change]:
    """Make the platform what `tenants/` says, sample data included; a second run changes nothing."""
    changes = await apply.apply(platform, folder)
    declared = declaration.read(folder)
    for code, client in declared.clients.items():
        if client.demo:
            profile = await platform.directory.by_code(code)
            data = declared.folders[code] / client.demo.folder
            await platform.plugins.ask("load_demo", profile.plugins, platform=platform, client=profile, folder=data)
    return changes + await apply.apply(platform, folder)  # people placed in org units that the sample data brought


def log_ins(folder: Path) -> list[LogIn]:
    """The demo's people, as their declarations have them."""
    declared = declaration.read(folder)
    found = [("bank", person) for person in declared.bank.staff]
    found += [(code, person) for code, client in declared.clients.items() for person in client.staff]
    return [
        LogIn(
            where,
            person.name,
            person.login,
            person.demo_password,
            " ".join(held.role for held in person.roles),
            pyotp.TOTP(person.demo_totp_secret).now() if person.demo_totp_secret else "",
        )
        for where, person in found
        if person.demo_password
    ]


def declared_clients(folder: Path) -> list[str]:
    """The codes of the clients that have a page for payers to look at."""
    return [code for code, client in declaration.read(folder).clients.items() if client.client.plugins]
