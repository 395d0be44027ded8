"""A warm Python's program: it asks the server of `tests/warm.py` for a fork, and ends as that does.

It is run by the real Python, and stands as `python` in a folder beside the server's socket.
"""

import array
import json
import os
import signal
import socket
import sys


def main() -> None:
    """Be a Python of these arguments."""
    arguments = sys.argv[1:]
    rest = arguments[1:] if arguments[:1] == ["-u"] else arguments
    # The engine asks which packages want plugins, here none. Pip takes as long as a program.
    if rest[:3] == ["-m", "pip", "list"]:
        print("[]")
        return
    if not rest or (rest[0].startswith("-") and rest[0] not in ("-m", "-c")):
        os.execv(sys.executable, [sys.executable, *arguments])
    # Those that it was given: the listing's own is closed by now.
    numbers = sorted(map(int, os.listdir("/proc/self/fd")))
    files = [number for number in numbers if os.path.exists(f"/proc/self/fd/{number}")]
    folder = os.path.dirname(os.path.dirname(os.path.realpath(sys.argv[0])))
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(f"{folder}/socket")
    request = json.dumps([files, rest, dict(os.environ), os.getcwd()]).encode()
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))]
    connection.sendmsg([len(request).to_bytes(8, "big")], rights)
    connection.sendall(request)
    pid = int.from_bytes(connection.recv(8, socket.MSG_WAITALL), "big")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: os.kill(pid, number))
    status = connection.recv(8, socket.MSG_WAITALL)
    if len(status) < 8:
        sys.exit("the test's Python server is gone")
    code = int.from_bytes(status, "big", signed=True)
    if code < 0:
        if -code != signal.SIGKILL:  # which has no other way to be taken
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    main()
