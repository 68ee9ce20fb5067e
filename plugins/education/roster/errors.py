"""What the roster refuses (whole files: core.imports.errors)."""

from core.errors import NotFound


class StudentNotFound(NotFound):
    code = "STUDENT_NOT_FOUND"
    message = "没有找到这名学生"
