"""A hospital's information system (HIS) as the sandbox plays it: it books what it is told, and errs when asked to."""
