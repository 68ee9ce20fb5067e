"""What a patient is insured by, and the life of a visit."""

from core.states import Machine

INSURANCES = ("employee", "resident", "self")
"""职工医保, 居民医保, 自费."""
VISIT_KINDS = ("outpatient", "emergency", "inpatient", "internet")
VISIT = Machine("就诊", "open → closed cancelled")
