"""The same hospital with its HIS."""

from tests.medical.his.conftest import channel, house

__all__ = ["channel", "house"]
