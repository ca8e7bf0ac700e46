#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Says which execution it was that trapped or hung. Global, because signal handlers are.
enum Watch {
  nonisolated(unsafe) static var descriptor: Int32 = STDERR_FILENO
  /// What a handler writes: it may not make strings.
  nonisolated(unsafe) private static let line = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
  nonisolated(unsafe) private static var length = 0
  nonisolated(unsafe) private static var isSet = false
  private static let capacity = 256
  /// Seconds of processor time of one execution.
  private static let patience = 2

  static func begin(_ entry: String, seed: UInt64, number: UInt64) {
    if !isSet { install() }
    let text = "\(entry) seed \(seed) number \(number): trapped or hung\n"
    length = 0
    for byte in text.utf8.prefix(capacity) {
      line[length] = CChar(bitPattern: byte)
      length += 1
    }
    rearm(patience)
  }

  static func end() { rearm(0) }

  private static func rearm(_ seconds: Int) {
    var timer = itimerval()
    timer.it_value.tv_sec = seconds
    #if canImport(Glibc)
      setitimer(__itimer_which_t(ITIMER_VIRTUAL.rawValue), &timer, nil)
    #else
      setitimer(ITIMER_VIRTUAL, &timer, nil)
    #endif
  }

  private static func install() {
    isSet = true
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGVTALRM] {
      signal(number) { number in
        _ = write(Watch.descriptor, Watch.line, Watch.length)
        if Watch.descriptor != STDERR_FILENO { _ = write(STDERR_FILENO, Watch.line, Watch.length) }
        signal(number, SIG_DFL)
        if number == SIGVTALRM { _exit(1) }
        raise(number)
      }
    }
  }
}
