"""What can go wrong with somebody's views and columns."""

from core.errors import InvalidRequest, NotFound


class ViewUnnamed(InvalidRequest):
    code = "VIEW_UNNAMED"
    message = "请填写 1–40 字的视图名称"


class ViewsFull(InvalidRequest):
    code = "VIEWS_FULL"
    message = "每个列表最多保存 {most} 个视图，请先删除不用的"


class ViewUnknown(NotFound):
    code = "VIEW_UNKNOWN"
    message = "没有这个视图，它可能已被删除"


class PageUnknown(InvalidRequest):
    code = "PAGE_UNKNOWN"
    message = "这个页面没有列表"
