"""What can go wrong with a stored file."""

from core.errors import NotFound


class FileGone(NotFound):
    code = "FILE_GONE"
    message = "文件不存在，或已过保存期限；请重新导出或重新上传"
