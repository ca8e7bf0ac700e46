"""What an edit costs a writer, and what a language server holds: an edit of a config of 400 lines is answered within 20 ms,
and 50 open files take less than 60 MiB.

    swift build -c release --product moonlight
    python3 Tests/Benchmarks/language_server.py .build/release/moonlight

Prints the time from an edit to its findings, without the pause in which the server waits for more, of 100 edits: in a config
of 400 lines, the same with an error in it, and a file of Megatron-Bridge of 5,000 lines; then the memory with 50 open
files of 400 lines, each of which was edited.
"""

import json
import os
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAUSE = 5.0  # milliseconds: LanguageServerCommand.pause


class Server:
    def __init__(self, tool):
        self.process = subprocess.Popen([tool, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number = 0
        self.versions = {}
        self.ask("initialize", {"capabilities": {}})
        self.tell("initialized", {})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def read(self):
        length = None
        while (line := self.process.stdout.readline()) != b"\r\n":
            length = int(line.split(b":")[1])
        return self.process.stdout.read(length)

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def ask(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while True:
            answer = json.loads(self.read())
            if answer.get("id") == self.number:
                return answer["result"]

    def open(self, uri, text):
        self.versions[uri] = 1
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
        return json.loads(self.read())["params"]["diagnostics"]

    def edit(self, uri, line, start, end, text):
        """The milliseconds until the findings are there, without the pause."""
        self.versions[uri] += 1
        place = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        begin = time.perf_counter()
        self.tell(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": self.versions[uri]}, "contentChanges": [{"range": place, "text": text}]},
        )
        self.read()
        return (time.perf_counter() - begin) * 1e3 - PAUSE

    def memory(self):
        status = open(f"/proc/{self.process.pid}/status").read()
        return [int(status.split(name + ":")[1].split()[0]) / 1024 for name in ("VmHWM", "VmRSS")]

    def end(self):
        self.ask("shutdown", None)
        self.tell("exit", None)
        self.process.wait()


def row(name, times):
    print(f"{name:<40} {min(times):7.2f} {statistics.median(times):7.2f} {max(times):7.2f} ms")


def place(text, key):
    """Line and columns of the value of a key."""
    for number, line in enumerate(text.split("\n")):
        if line.strip().startswith(key + ":"):
            start = line.index(":") + 2
            return number, start, len(line.split(" #")[0].rstrip())
    raise SystemExit(f"no {key}")


def edits(server, uri, text, values=("1234", "1", "77"), count=100):
    line, start, end = place(text, "seed")
    times = []
    for number in range(count):
        value = values[number % len(values)]
        times.append(server.edit(uri, line, start, end, value))
        end = start + len(value)
    return times


def native():
    """A whole config of 400 lines."""
    text = open(os.path.join(ROOT, "Examples", "pretrain.yaml")).read()
    return text + "# one more line\n" * (400 - text.count("\n"))


def container():
    """What the largest recipe of Megatron-Bridge writes, on as many files of data as make 5,000 lines of it."""
    folder = os.path.join(ROOT, "Tests", "Fixtures", "recipes", "0.6.2")
    text = open(os.path.join(folder, "deepseek_v3_pretrain_1024gpu_h100_bf16_config.yaml")).read()
    assert "  blend: null\n" in text
    paths = [f"/data/part_{number:05}_text_document" for number in range(5000 - text.count("\n") - 1)]
    lines = ["  blend:", "  - - " + paths[0], *("    - " + path for path in paths[1:]), "  - null", ""]
    return text.replace("  blend: null\n", "\n".join(lines))


def main():
    server = Server(os.path.abspath(sys.argv[1]))
    print(f"{'':<40} {'fastest':>7} {'median':>7} {'slowest':>7}")
    config = native()
    server.open("file:///p/a.yaml", config)
    row(f"edit, {config.count(chr(10))} lines", edits(server, "file:///p/a.yaml", config))
    line, start, end = place(config, "global_batch_size")
    server.edit("file:///p/a.yaml", line, start, end, "7")
    row("the same with an error in it", edits(server, "file:///p/a.yaml", config))
    large = container()
    server.open("file:///p/b.yaml", large)
    row(f"edit, Megatron-Bridge, {large.count(chr(10))} lines", edits(server, "file:///p/b.yaml", large, count=40))
    server.end()

    server = Server(os.path.abspath(sys.argv[1]))
    for number in range(50):
        uri = f"file:///p/{number}.yaml"
        server.open(uri, config)
        edits(server, uri, config, count=1)
    high, now = server.memory()
    print(f"{'memory, 50 open files':<40} {now:.1f} MiB, {high:.1f} at most")
    server.end()


main()
