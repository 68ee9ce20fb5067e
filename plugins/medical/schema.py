"""The plugin's own PostgreSQL schema; every models.py of this plugin declares its tables in it."""

from core.database.tables import plugin_metadata

metadata = plugin_metadata("medical")
