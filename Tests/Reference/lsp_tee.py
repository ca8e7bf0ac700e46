"""Stands between an editor and its language server and writes down what each of them says, a message a line:

    python3 lsp_tee.py LOG moonlight lsp
"""

import json
import os
import subprocess
import sys
import threading


def messages(stream):
    """Each message with the bytes that it came in."""
    while True:
        header = b""
        while not header.endswith(b"\r\n\r\n"):
            byte = stream.read(1)
            if not byte:
                return
            header += byte
        length = next(int(line.split(b":")[1]) for line in header.split(b"\r\n") if line.lower().startswith(b"content-length"))
        body = stream.read(length)
        yield header + body, json.loads(body)


def main():
    log = open(sys.argv[1], "w")
    lock = threading.Lock()
    server = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def forward(source, target, who):
        for raw, message in messages(source):
            with lock:
                log.write(json.dumps({who: message}, ensure_ascii=False) + "\n")
                log.flush()
            target.write(raw)
            target.flush()
        target.close()

    threading.Thread(target=forward, args=(sys.stdin.buffer, server.stdin, "client"), daemon=True).start()
    forward(server.stdout, sys.stdout.buffer, "server")
    status = server.wait()
    # The other thread waits for what nobody says any more.
    os._exit(status)


main()
