#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs programs without a shell between.
package enum ProgramRunner {
  /// The most that is kept of what a program writes.
  private static let outputLimit = 1 << 20

  /// Runs a program found on the path and waits for it; its standard error is dropped.
  ///
  /// - Returns: status 127 where it cannot be started, 128 and the signal's number where one ended it.
  @Sendable package static func run(_ arguments: [String]) -> ProgramAnswer {
    let failure = ProgramAnswer(status: 127, output: "")
    guard let program = arguments.first, !arguments.contains(where: unfitForShell) else { return failure }
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return failure }
    defer { close(ends[0]) }

    #if canImport(Glibc)
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #else
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    posix_spawn_file_actions_addclose(&actions, ends[1])

    // A thread may block signals, and a program must not inherit that.
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    var list: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    list.append(nil)
    defer { for pointer in list { free(pointer) } }
    var process = pid_t()
    let code = posix_spawnp(&process, program, &actions, &attributes, list, environ)
    close(ends[1])
    guard code == 0 else { return failure }

    let output = readAll(ends[0])
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { return failure }
    }
    // The lower seven bits name a signal, the next eight the status.
    let signal = status & 0x7F
    return ProgramAnswer(status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: output)
  }

  /// Puts a program found on the path in the place of this process.
  ///
  /// - Parameter environment: variables that it gets beside this process's.
  /// - Returns: only where that is not possible: the system's error number.
  package static func replaceProcess(by arguments: [String], environment: [(name: String, value: String)]) -> Int32 {
    guard let program = arguments.first, !arguments.contains(where: unfitForShell) else { return EINVAL }
    for variable in environment { setenv(variable.name, variable.value, 1) }
    // What this process ignores or blocks would stay so.
    signal(SIGPIPE, SIG_DFL)
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    sigprocmask(SIG_SETMASK, &noSignals, nil)
    var list: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    list.append(nil)
    defer { for pointer in list { free(pointer) } }
    execvp(program, list)
    return errno
  }

  /// Reads to the end, so that the program never waits for its reader; what is beyond the limit is dropped.
  private static func readAll(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      if bytes.count < outputLimit { bytes += buffer[..<count] }
    }
  }
}
