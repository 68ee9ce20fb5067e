"""Why a whole file is refused. A fault of one row is not an error: it is a verdict on that row (`verdicts.py`)."""

from core.errors import Conflict, InvalidRequest, NotFound


class FileRefused(InvalidRequest):
    """The file as a whole cannot be read; nothing of it was imported."""

    code = "FILE_REFUSED"
    message = "文件无法读取，请检查后重新上传"


class FileTooLarge(FileRefused):
    code = "FILE_TOO_LARGE"
    message = "文件有 {size_mb} MB，超过上限 {limit_mb} MB，请拆成几个文件分别导入"


class FileEmpty(FileRefused):
    code = "FILE_EMPTY"
    message = "文件是空的，请确认选对了文件"


class NotASpreadsheet(FileRefused):
    code = "NOT_A_SPREADSHEET"
    message = "“{name}”的内容不是 Excel 或 CSV 表格，请用 Excel 打开后另存为 .xlsx 再上传"


class FileEncrypted(FileRefused):
    code = "FILE_ENCRYPTED"
    message = "工作簿设有打开密码，请去掉密码后再上传"


class FileDamaged(FileRefused):
    code = "FILE_DAMAGED"
    message = "文件已损坏或没有传完整，请重新导出后再上传"


class QuotesUnbalanced(FileDamaged):
    code = "QUOTES_UNBALANCED"
    message = "文件第 {line} 行附近的引号不成对，请用 Excel 打开后另存为 .xlsx 再上传"


class FileBomb(FileRefused):
    code = "FILE_BOMB"
    message = "文件解压后大得不正常，为安全起见不予读取，请重新导出后再上传"


class ForbiddenXml(FileRefused):
    code = "FORBIDDEN_XML"
    message = "文件内含有不允许的 XML 声明（DOCTYPE/ENTITY），请用 Excel 打开后另存为 .xlsx 再上传"


class EncodingUnknown(FileRefused):
    code = "ENCODING_UNKNOWN"
    message = "文本编码无法识别，请另存为 UTF-8 或 GBK 编码的 CSV，或直接上传 .xlsx"


class TooManyRows(FileRefused):
    code = "TOO_MANY_ROWS"
    message = "表格超过 {limit} 行，请拆成几个文件分别导入"


class TooManyColumns(FileRefused):
    code = "TOO_MANY_COLUMNS"
    message = "表格超过 {limit} 列，请删除多余的列后再上传"


class SheetMissing(FileRefused):
    code = "SHEET_MISSING"
    message = "工作簿中没有名为“{sheet}”的工作表，请使用模板"


class HeaderRowMissing(FileRefused):
    code = "HEADER_ROW_MISSING"
    message = "工作表“{sheet}”的第 1 行不是表头，请使用模板，第 1 行填写列名"


class HeadersMissing(FileRefused):
    code = "HEADERS_MISSING"
    message = "工作表“{sheet}”缺少必需的列：{columns}，请补上后再上传"


class HeaderDuplicated(FileRefused):
    code = "HEADER_DUPLICATED"
    message = "工作表“{sheet}”中列名重复：{columns}，每列只能出现一次"


class FileExpected(FileRefused):
    code = "FILE_TYPE_UNEXPECTED"
    message = "“{name}”不是这里要的文件，请上传 {suffixes} 格式的文件"


class FileMissing(FileRefused):
    code = "FILE_MISSING"
    message = "请先选择要导入的文件"


class ImportKindUnknown(NotFound):
    code = "IMPORT_KIND_UNKNOWN"
    message = "没有名为“{kind}”的导入，或该单位没有启用相应的功能"


class ImportNotFound(NotFound):
    code = "IMPORT_NOT_FOUND"
    message = "没有找到这次导入，它可能不存在或不在您的管辖范围内"


class NothingToImport(Conflict):
    code = "NOTHING_TO_IMPORT"
    message = "文件中没有新增或变更的行，无需导入"


class ImportHasRejected(Conflict):
    code = "IMPORT_HAS_REJECTED"
    message = "有 {rejected} 行没有通过检查；您选择了“全部通过才导入”，请修改后重新上传"
