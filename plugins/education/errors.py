"""What the plugin as a whole refuses."""

from core.errors import Conflict, NotFound


class PluginIsOff(NotFound):
    code = "PLUGIN_IS_OFF"
    message = "{client} 没有启用教育缴费，请由开户网点启用"


class MovedSince(Conflict):
    code = "MOVED_SINCE"
    message = "文件检查之后，{what} 又有改动，没有导入。请重新上传这个文件"
