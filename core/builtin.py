"""Core's own parts that speak through the plugin hooks: one `hooks.py` in each feature folder that has something to offer."""

import importlib
from pathlib import Path
from types import ModuleType

FEATURES = (
    "approvals",
    "billing",
    "cashier",
    "counter",
    "exports",
    "golive",
    "identity",
    "imports",
    "jobs",
    "ledger",
    "lists",
    "notices",
    "onboarding",
    "payers",
    "payments",
    "portfolio",
    "printing",
    "profit_sharing",
    "receipts",
    "reconciliation",
    "refunds",
    "reports",
    "search",
    "self_service",
    "settlement",
    "statements",
    "support",
    "tenancy",
    "trace",
    "web",
    "webhooks",
)

PARTS: dict[str, ModuleType] = {feature: importlib.import_module(f"core.{feature}.hooks") for feature in FEATURES}


def folder_of(package: str) -> Path:
    """Where an installed package lies."""
    return Path(str(importlib.import_module(package).__file__)).parent


def load_models() -> None:
    """Make every feature's tables known, whoever has imported what."""
    for models in sorted(Path(__file__).parent.glob("*/models.py")):
        importlib.import_module(f"core.{models.parent.name}.models")
