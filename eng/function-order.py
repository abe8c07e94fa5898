# For gdb: notes which functions of managed code a command calls first, in the order of their first calls. Called by function-order.sh.
import os
import subprocess
import gdb

program, output = os.environ["PROGRAM"], os.environ["OUTPUT"]
section = next(line.split() for line in subprocess.run(["readelf", "-SW", program], capture_output=True, text=True, check=True).stdout.replace("[ ", "[").splitlines() if "__managedcode" in line)
start, size = int(section[3], 16), int(section[5], 16)
functions = {}
for line in subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout.splitlines():
    fields = line.split(" ", 2)
    if fields[0] and fields[1] in "Tt" and start <= int(fields[0], 16) < start + size:
        functions.setdefault(int(fields[0], 16), []).append(fields[2])


class FirstCall(gdb.Breakpoint):
    def __init__(self, address):
        super().__init__(f"*{address}", internal=True)
        self.address = address

    def stop(self):
        called.extend(functions[self.address])
        self.enabled = False
        return False


called = []
for setting in ("confirm off", "pagination off", "breakpoint always-inserted on", "detach-on-fork on", f"follow-fork-mode {os.environ['FOLLOW']}", "startup-with-shell off"):
    gdb.execute("set " + setting)
for address in functions:
    FirstCall(address)
gdb.execute("handle all nostop noprint pass")
gdb.execute("run")
with open(output, "a") as file:
    file.writelines(name + "\n" for name in called)
