"""What the codes of verdicts say to people."""

from core.web.i18n import N_

REASONS = {
    "ok": N_("与出具方给出的一致，全部载入"),
    "empty_day": N_("当天没有交易"),
    "ends_early": N_("已全部载入；但文件最后一笔之后，本平台当天还收到别的款项。这种文件不带合计，可能没有传完整，请核对后重新上传完整的文件"),
    "quoted_text": N_("文字里有逗号、引号或换行，按标准写法加了引号，全部载入"),
    "escaped_text": N_("商品名称里有引号，按渠道的写法读取，全部载入"),
    "duplicate_file": N_("这份文件已经收过，没有任何改动"),
    "unended_text": N_("文件最后没有换行，最后一行完整，全部载入"),
    "bom": N_("文件开头多了字节顺序标记，已去掉"),
    "stray_character": N_("表头前多了一个字符，已去掉"),
    "column_order": N_("列的顺序或名称与通常不同，已按列名读取"),
    "line_ends": N_("换行符与通常不同，已统一"),
    "unescaped_text": N_("商品名称里有逗号或换行，已还原成完整的行"),
    "too_long_text": N_("商品名称过长，行已完整载入"),
}
"""Sentences of verdicts without a fault; a fault brings its own."""
