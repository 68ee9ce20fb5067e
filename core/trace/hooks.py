"""What the penny trace offers through the plugin hooks."""

from pathlib import Path

from core.hookspecs import hook


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"
