import FuzzEntries

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// fuzz ENTRY... [--seed N] [--from N] [--count N] [--seconds N] [--log FILE] [--show]
//
// Runs the executions FROM..<FROM+COUNT of each entry. Where one traps, hangs or breaks a promise, the last line of the log
// names it, and `fuzz ENTRY --seed N --from NUMBER --count 1 --show` prints its input and does it again.

do {
  try FuzzCommand(Array(CommandLine.arguments.dropFirst())).run()
} catch {
  writeLine("error: \(error)", to: STDERR_FILENO)
  exit(1)
}
