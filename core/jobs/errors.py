"""What can go wrong with long work."""

from core.errors import Conflict, NotFound, PlatformError


class JobNotFound(NotFound):
    code = "JOB_NOT_FOUND"
    message = "没有找到这项任务，它可能不存在或不在您的管辖范围内"


class JobNotResumable(Conflict):
    code = "JOB_NOT_RESUMABLE"
    message = "只有已中断或已取消的任务可以继续"


class JobEnded(Conflict):
    code = "JOB_ENDED"
    message = "任务已经结束，不能再停止"


class JobKindUnknown(PlatformError):
    code = "JOB_KIND_UNKNOWN"
    message = "没有程序能够执行“{kind}”类任务，请确认相应的插件已经安装"


class JobGaveUp(PlatformError):
    code = "JOB_GAVE_UP"
    message = "任务多次中断（{attempts} 次），请联系管理员查看原因后再继续"


class JobStopped(Exception):
    """Somebody asked the job to stop; raised inside it at its next step."""


class LeaseLost(Exception):
    """Another worker has the job by now; this one must not write any more."""
