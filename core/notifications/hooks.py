"""What notifications offers through the plugin hooks: sending what is due."""

from core.hookspecs import PulseStep, hook
from core.notifications.tasks import send_due


@hook
def register_pulse() -> list[PulseStep]:
    """Messages leave within seconds, or in the morning."""
    return [PulseStep("messages", send_due)]
