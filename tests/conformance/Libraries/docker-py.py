"""Docker's library for Python against a daemon: docker-py.py SOCKET. Ends with 0 when everything was as expected."""
import io
import sys
import tarfile
import time

import docker

client = docker.DockerClient(base_url="unix://" + sys.argv[1])
assert client.ping()
assert client.info()["OSType"] == "linux"

assert client.containers.run("busybox", ["echo", "hi"], remove=True, network_mode="none") == b"hi\n"
try:
    client.containers.run("busybox", ["sh", "-c", "echo bad >&2; exit 3"], remove=True, network_mode="none")
    raise AssertionError("no error")
except docker.errors.ContainerError as error:
    assert (error.exit_status, error.stderr) == (3, b"bad\n")

container = client.containers.run(
    "busybox", ["sh", "-c", "trap 'exit 0' TERM; echo started; while true; do sleep 0.1; done"], detach=True, name="one",
    labels={"a": "b"}, environment={"X": "y"}, mem_limit="64m", volumes={"kept": {"bind": "/v", "mode": "rw"}}, tmpfs={"/t": "size=1m"},
    cap_drop=["ALL"], ports={"80/tcp": None}, healthcheck={"test": ["CMD", "true"], "interval": 100_000_000})
assert next(container.logs(stream=True)) == b"started\n"
container.reload()
assert container.status == "running" and int(container.ports["80/tcp"][0]["HostPort"]) > 0
assert container.exec_run("sh -c 'echo $X; exit 4'") == (4, b"y\n")
assert container.exec_run(["sh", "-c", "echo out; echo err >&2"], demux=True).output == (b"out\n", b"err\n")
assert b"".join(container.exec_run(["sh", "-c", "echo a; echo b"], stream=True).output) == b"a\nb\n"
assert "PID" in container.top()["Titles"]
assert container.stats(stream=False)["memory_stats"]["usage"] > 0
assert next(container.stats(decode=True))["name"] == "/one"

archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode="w") as tar:
    entry = tarfile.TarInfo("f")
    entry.size = 3
    tar.addfile(entry, io.BytesIO(b"abc"))
assert container.put_archive("/tmp", archive.getvalue())
parts, stat = container.get_archive("/tmp/f")
assert stat["name"] == "f"
with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as tar:
    assert tar.extractfile("f").read() == b"abc"
assert {"Path": "/tmp/f", "Kind": 1} in container.diff()

client.api.resize(container.id, 10, 10)
container.rename("two")
container.update(mem_limit="128m", memswap_limit="128m")
container.pause()
container.unpause()
for _ in range(100):
    if client.api.inspect_container(container.id)["State"]["Health"]["Status"] == "healthy":
        break
    time.sleep(0.1)
else:
    raise AssertionError("not healthy")

image = container.commit("made", "t")
assert len(image.history()) == 2
data = b"".join(image.save(named=True))
client.images.remove("made:t")
assert [loaded.tags for loaded in client.images.load(data)] == [["made:t"]]
client.images.remove("made:t")

container.stop(timeout=10)
assert container.wait()["StatusCode"] == 0
container.start()
container.kill()
assert container.wait()["StatusCode"] == 137
assert [found.name for found in client.containers.list(all=True, filters={"label": "a=b"})] == ["two"]
# Up to now: the stream ends by itself.
actions = [event["Action"] for event in client.events(since=1, until=int(time.time()) + 1, decode=True, filters={"container": container.id})]
assert actions[0] == "create" and {"start", "kill", "die"} <= set(actions), actions
container.remove(v=True)
client.volumes.get("kept").remove()
assert client.swarm.attrs == {} and client.plugins.list() == []
