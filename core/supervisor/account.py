"""The account a server runs under: PostgreSQL refuses to be root, so root first becomes somebody else.

Run as ``python account.py ACCOUNT COMMAND…``: it changes the account and becomes the command (same process id), so
whoever started it watches and signals the command itself. Standard library only.

* ``self``       nothing changes: the normal case of a person who is not root;
* ``namespace``  a user namespace in which root is seen as user 1000: files stay root's, so data may lie below a folder
                 that only root can enter;
* ``nobody``     really user 65534, where the kernel refuses namespaces: program and data must lie in its reach.
"""

import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
SEEN_AS = 1000
NOBODY = 65534


def enter_namespace() -> None:
    """Make a user namespace in which we are user 1000 and keep exactly root's access to files that root owns."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are refused here")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{SEEN_AS} {uid} 1"), ("gid_map", f"{SEEN_AS} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def become_nobody() -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


CHANGES = {"self": lambda: None, "namespace": enter_namespace, "nobody": become_nobody}


def main(account: str, command: list[str]) -> None:
    os.chdir("/")  # the folder we were started in may be closed to that account
    CHANGES[account]()
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
