"""A warm Python's program: it asks the server of `tests/warm.py` for a fork, and ends as that does.

It is run by the real Python, and stands beside the server's socket. Of the modules of sockets and
signals it has the parts in C alone: the rest of them is half of the time that it takes.
"""

import _signal  # pyright: ignore[reportMissingImports]
import _socket
import marshal
import os
import sys


def main() -> None:
    """Be a Python of these arguments."""
    arguments = sys.argv[1:]
    rest = arguments[1:] if arguments[:1] == ["-u"] else arguments
    if not rest or (rest[0].startswith("-") and rest[0] not in ("-m", "-c")):
        os.execv(sys.executable, [sys.executable, *arguments])
    # Those that it was given: the listing's own is closed by now.
    numbers = sorted(map(int, os.listdir("/proc/self/fd")))
    files = [number for number in numbers if os.path.exists(f"/proc/self/fd/{number}")]
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.connect(f"{os.path.dirname(sys.argv[0])}/socket")
    request = marshal.dumps([files, rest, dict(os.environ), os.getcwd()])
    content = b"".join(file.to_bytes(4, sys.byteorder) for file in files)
    rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, content)]
    connection.sendmsg([len(request).to_bytes(8, "big")], rights)
    connection.sendall(request)
    pid = int.from_bytes(connection.recv(8, _socket.MSG_WAITALL), "big")
    for number in (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP):
        _signal.signal(number, lambda number, frame: os.kill(pid, number))
    status = connection.recv(8, _socket.MSG_WAITALL)
    if len(status) < 8:
        sys.exit("the test's Python server is gone")
    code = int.from_bytes(status, "big", signed=True)
    if code < 0:
        if -code != _signal.SIGKILL:  # which has no other way to be taken
            _signal.signal(-code, _signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    main()
