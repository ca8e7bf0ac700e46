"""Times whole processes of the command line tool: 10 ms each is the limit for `--help` and `validate`.

    swift build -c release --static-swift-stdlib --product moonlight
    python3 Tests/Benchmarks/startup.py .build/release/moonlight

Prints the fastest and the median of 200 runs in milliseconds, and the same for /bin/true, which is what starting any
process costs here. On a busy machine only the fastest says anything.
"""

import os
import statistics
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RUNS = 200


def measure(arguments):
    quiet = [(os.POSIX_SPAWN_OPEN, stream, "/dev/null", os.O_WRONLY, 0) for stream in (1, 2)]
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        process = os.posix_spawn(arguments[0], arguments, os.environ, file_actions=quiet)
        _, status = os.waitpid(process, 0)
        times.append((time.perf_counter() - start) * 1e3)
        assert os.waitstatus_to_exitcode(status) == 0, arguments
    return min(times), statistics.median(times)


tool = os.path.abspath(sys.argv[1])
config = os.path.join(ROOT, "Examples", "pretrain.yaml")
for name, arguments in [
    ("/bin/true", ["/bin/true"]),
    ("--help", [tool, "--help"]),
    ("validate", [tool, "validate", config]),
    ("generate", [tool, "generate", "pretrain"]),
]:
    fastest, median = measure(arguments)
    print(f"{name:<10} fastest {fastest:6.2f} ms   median {median:6.2f} ms")
