"""Types into real shells and presses Tab: what `moonlight --generate-completion-script` makes completes in bash, zsh and
fish. By hand, with the shells from the system's packages:

    python3 Tests/Reference/shell_completions.py .build/debug

Prints a line a shell and case, and ends with status 1 where something did not complete.
"""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

# What is typed, and what then has to stand on the terminal.
CASES = [
    ("moonlight vali", "moonlight validate"),
    ("moonlight validate pre", "pretrain.yaml"),
    ("moonlight validate --for", "--format"),
    ("moonlight stages configs/dee", "configs/deep.yaml"),
    ("moonlight plan --recipe moonlight_16b_pretrain_c", "moonlight_16b_pretrain_config"),
    ("moonlight generate pretrain --model moonlight-16b-a3b-d", "moonlight-16b-a3b-documented"),
    ("moonlight explain MLA-1", "MLA-17"),
    ("moonlight explain parallelism.context_parallel_s", "parallelism.context_parallel_size"),
    ("moonlight validate --set optimizer.weight_dec", "optimizer.weight_decay="),
    ("moonlight export pretrain.yaml --to meg", "megatron-"),
    ("moonlight-trainer train pre", "pretrain.yaml"),
]
START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}


class Terminal:
    def __init__(self, command, environment, folder):
        pid, self.descriptor = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.pid = pid

    def send(self, text):
        os.write(self.descriptor, text.encode())

    def read(self, until=None, seconds=8.0):
        """What appears until a text does, or until nothing more comes."""
        shown = b""
        end = time.time() + seconds
        while time.time() < end:
            ready, _, _ = select.select([self.descriptor], [], [], 0.4)
            if not ready:
                if until is None:
                    break
                continue
            try:
                shown += os.read(self.descriptor, 1 << 16)
            except OSError:
                break
            if until is not None and until in plain(shown):
                break
        return plain(shown)

    def close(self):
        os.close(self.descriptor)
        try:
            os.kill(self.pid, 9)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)


def plain(shown):
    text = shown.decode(errors="replace")
    text = re.sub(r"\x1b\[[0-9;?>]*[a-zA-Z]|\x1b\][^\x07]*\x07|\x1b[=>()][A-Z0-9]?", "", text)
    # Bash writes what it has completed with `\\=`.
    return text.replace("\r", "").replace("\x07", "").replace("\\=", "=")


def setup(shell, scripts):
    if shell == "bash":
        return "bind 'set enable-bracketed-paste off'\n" + "".join(f"source {scripts}/{n}.bash\n" for n in names)
    if shell == "zsh":
        return f"fpath=({scripts}/zsh $fpath); autoload -Uz compinit; compinit -u -D\n"
    return "".join(f"source {scripts}/{n}.fish\n" for n in names)


names = ["moonlight", "moonlight-trainer"]


def main():
    programs = os.path.abspath(sys.argv[1])
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        scripts = folder + "/scripts"
        os.makedirs(scripts + "/zsh")
        os.makedirs(folder + "/work/configs")
        for name in ["pretrain.yaml", "configs/deep.yaml", "other.txt"]:
            open(f"{folder}/work/{name}", "w").close()
        environment = {
            "PATH": programs + ":" + os.environ["PATH"], "HOME": folder, "TERM": "xterm", "LC_ALL": "C.UTF-8",
        }
        for shell in START:
            if shutil.which(shell) is None:
                print(f"{shell}: not installed")
                continue
            for name in names:
                script = subprocess.run(
                    [f"{programs}/{name}", "--generate-completion-script", shell], capture_output=True, check=True).stdout
                path = f"{scripts}/zsh/_{name}" if shell == "zsh" else f"{scripts}/{name}.{shell}"
                with open(path, "wb") as file:
                    file.write(script)
            for typed, expected in CASES:
                terminal = Terminal(START[shell], environment, folder + "/work")
                terminal.read()
                terminal.send(setup(shell, scripts) + "echo rea''dy\n")
                terminal.read(until="\nready")
                terminal.read(seconds=1)
                terminal.send(typed + "\t")
                shown = terminal.read(until=expected)
                if expected not in shown:
                    terminal.send("\t")
                    shown += terminal.read(until=expected)
                terminal.close()
                done = expected in shown
                failures += not done
                print(f"{shell}: {'completed' if done else 'FAILED'}: {typed}<Tab> {expected}")
                if not done:
                    print("  shown: " + repr(shown[-300:]))
    sys.exit(1 if failures else 0)


main()
