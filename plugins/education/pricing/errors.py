"""What can be wrong with a set of standards when students are priced by it."""

from core.errors import Conflict


class StandardsTied(Conflict):
    """Two standards fit a student equally well, so there is no one price; `facts["ties"]` lists every such pair once."""

    code = "STANDARDS_TIED"
    message = "收费标准有 {count} 处分不出先后：{first}。请给其中一条补充条件，或删去重复的一条"


class UsageUnpriced(Conflict):
    """Something was used on a day for which there is no price."""

    code = "USAGE_UNPRICED"
    message = "{item} 在 {on} 没有适用的收费标准（{where}），共 {count} 处。请先制定并复核标准，再试算"
