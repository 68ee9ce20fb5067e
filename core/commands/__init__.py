"""One module for each verb of the `banyan` command: `configure(parser)` names its arguments, `run(args)` does it and answers the exit code."""
