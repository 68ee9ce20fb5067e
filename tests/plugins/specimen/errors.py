"""What the club refuses."""

from core.errors import NotFound


class MemberNotFound(NotFound):
    code = "MEMBER_NOT_FOUND"
    message = "没有这位会员，请核对会员号"
