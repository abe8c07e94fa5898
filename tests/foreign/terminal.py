"""Runs a command in a session with a terminal of its own, and ends with its exit status, whoever else still holds the terminal."""
import os
import pty
import sys
import threading


def drain(master):
    try:
        while os.read(master, 65536):
            pass
    except OSError:
        pass  # EIO: nobody has the terminal open


pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
threading.Thread(target=drain, args=(master,), daemon=True).start()
os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF)
