"""A vendor works for the hospital or is stopped for the time being."""

from core.states import Machine

VENDOR = Machine("接入厂商", "active → suspended", "suspended → active")
