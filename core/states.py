"""State machines: every step that exists is written down, anything else raises (domain book annex A)."""

from core.errors import IllegalTransition


class Machine:
    """A named set of states and the steps between them, drawn as `"a → b c"` lines."""

    def __init__(self, name: str, *lines: str) -> None:
        self.name = name
        self.steps: set[tuple[str, str]] = set()
        self.states: list[str] = []
        for line in lines:
            source, _, targets = line.partition("→")
            for state in (source.strip(), *targets.split()):
                if state not in self.states:
                    self.states.append(state)
            self.steps |= {(source.strip(), target) for target in targets.split()}

    def check(self, source: str, target: str) -> str:
        """The target, if the step exists; otherwise IllegalTransition (409)."""
        if (source, target) not in self.steps:
            raise IllegalTransition(machine=self.name, source=source, target=target)
        return target

    def sources(self, target: str) -> list[str]:
        """The states from which a target can be reached, for set-based updates."""
        return [source for source, reached in sorted(self.steps) if reached == target]
