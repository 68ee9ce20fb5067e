"""One module for each verb of the `banyan` command: `configure(parser)` names its arguments, `run(args)` does it.

`run` answers the exit code; it may be a coroutine function.
"""
