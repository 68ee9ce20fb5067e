"""Long work and what is due: jobs with progress, the pulse of every tenant, and the workers that do both."""

from core.jobs.wake import connect

__all__ = ["connect"]
