"""One module for each verb of the `banyan` command: `configure(parser)` names its arguments, `run(args)` does it.

`run` answers the exit code; it may be a coroutine function.
"""

import gc

gc.set_threshold(100_000, 50, 100)
"""A process begins by making a million objects that stay; looking through them for garbage again and again was a fifth of its start."""
