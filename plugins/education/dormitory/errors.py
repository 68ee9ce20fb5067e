"""What the dormitory refuses, each with what to do next."""

from core.errors import Conflict, InvalidRequest, NotFound


class RoomNotFound(NotFound):
    code = "ROOM_NOT_FOUND"
    message = "没有找到这个房间"


class RoomTaken(Conflict):
    code = "ROOM_TAKEN"
    message = "{room} 已经登记过"


class StayNotFound(NotFound):
    code = "STAY_NOT_FOUND"
    message = "没有找到这条住宿记录"


class MeterNotFound(NotFound):
    code = "METER_NOT_FOUND"
    message = "没有找到这块表"


class MeterTaken(Conflict):
    code = "METER_TAKEN"
    message = "表号 {meter_no} 正在使用，请核对；换表请先停用旧表"


class ReadingNotFound(NotFound):
    code = "READING_NOT_FOUND"
    message = "没有找到这条读数"


class DormWrong(InvalidRequest):
    """`facts["field"]` names the field to mend, `facts["fault"]` the word that imports use for it."""

    code = "DORM_WRONG"
    message = "{why}"


class ReadingStays(Conflict):
    code = "READING_STAYS"
    message = "{why}"
