#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Holds back SIGINT and SIGTERM while a run goes on, so that it ends between two steps, with a checkpoint.
///
/// Make it before any thread: threads inherit which signals are held back.
package struct Interruption: ~Copyable {
  private static let signals = [SIGINT, SIGTERM]
  private var previous = sigset_t()

  package init() {
    var held = sigset_t()
    sigemptyset(&held)
    for signal in Self.signals { sigaddset(&held, signal) }
    pthread_sigmask(SIG_BLOCK, &held, &previous)
  }

  /// The name of a signal that has come, if any.
  package var received: String? {
    var pending = sigset_t()
    sigpending(&pending)
    guard let signal = Self.signals.first(where: { sigismember(&pending, $0) == 1 }) else { return nil }
    return signal == SIGINT ? "SIGINT" : "SIGTERM"
  }

  /// Takes the signals that came, so that they do not end the process when they are let through again.
  package mutating func finish() {
    while received != nil {
      var held = sigset_t()
      var number: Int32 = 0
      sigemptyset(&held)
      for signal in Self.signals { sigaddset(&held, signal) }
      guard sigwait(&held, &number) == 0 else { break }
    }
    pthread_sigmask(SIG_SETMASK, &previous, nil)
  }
}

/// Seconds of a clock that only goes forward.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Seconds since 1970.
func wallSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
