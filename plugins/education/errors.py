"""What the plugin as a whole refuses."""

from core.errors import NotFound


class PluginIsOff(NotFound):
    code = "PLUGIN_IS_OFF"
    message = "{client} 没有启用教育缴费，请由开户网点启用"
