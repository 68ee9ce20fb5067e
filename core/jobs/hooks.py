"""What jobs offer through the plugin hooks."""

from pathlib import Path

from core import health
from core.hookspecs import Check, MenuItem, PulseStep, hook
from core.jobs import api, console, delivery, nightly, proofs, words
from core.ledger import repository as ledger
from core.web.i18n import N_

WORDS = words
"""Loaded so that every page can tell what a job is called."""


@hook
def register_routes():
    return [*console.ROUTES, *api.ROUTES, *health.ROUTES]


@hook
def register_templates():
    return Path(__file__).parent / "templates"


@hook
def register_menu():
    return [MenuItem(N_("工作台"), N_("任务"), "/console/jobs", "jobs.read", icon="progress", position=800)]


@hook
def register_pulse():
    return [
        PulseStep("outbox", delivery.deliver_events, bank=True),
        PulseStep("audit", delivery.seal_audit, bank=True),
        PulseStep("ledger", delivery.shorten_balances, bank=True),
    ]


@hook
def register_nightly():
    return [
        PulseStep("books", nightly.balance_books, bank=True),
        PulseStep("audit_head", nightly.keep_head, bank=True),
        PulseStep("tidy", nightly.tidy, bank=True),
    ]


@hook
def register_checks():
    return [Check("ledger", ledger.list_faults), Check("audit", proofs.chain_faults)]
