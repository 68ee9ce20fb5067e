"""What can be wrong with a set of standards when students are priced by it."""

from core.errors import Conflict


class StandardsTied(Conflict):
    """Two standards fit a student equally well, so there is no one price; `facts["ties"]` lists every such pair once."""

    code = "STANDARDS_TIED"
    message = "收费标准有 {count} 处分不出先后：{first}。请给其中一条补充条件，或删去重复的一条"
