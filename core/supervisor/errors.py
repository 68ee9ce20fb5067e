"""What can go wrong with a server or process that we start ourselves."""

from core.errors import Unavailable


class ServerDidNotStart(Unavailable):
    """A server ended or stayed silent while starting; `log` holds the last lines it wrote."""

    code = "SERVER_DID_NOT_START"
    message = "{server} 未能启动：{reason}\n{log}"


class DataInUse(Unavailable):
    """Another process holds the same data folder; two servers on one folder would destroy it."""

    code = "DATA_IN_USE"
    message = "数据目录 {folder} 正被另一个进程使用，请先停止它（例如另一个窗口中的 make run）"
