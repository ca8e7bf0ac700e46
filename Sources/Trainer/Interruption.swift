#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Turns SIGINT, SIGTERM and SIGHUP into a request while a run goes on, so that it ends between two steps, with a
/// checkpoint. SIGHUP stays without effect where it was so before, as under `nohup`. A second SIGINT ends the process at once, as somebody who presses the keys again means it.
package struct Interruption: ~Copyable {
  private let signals: [Int32]
  private let previous: [sigaction]

  /// - Parameter further: another signal that asks the run to end.
  package init(alsoOn further: Int32? = nil) {
    let usual = [SIGINT, SIGTERM] + (Self.isIgnored(SIGHUP) ? [] : [SIGHUP])
    let signals = usual + (further.map { usual.contains($0) ? [] : [$0] } ?? [])
    Request.signal = 0
    Request.time = 0
    previous = signals.map { number in
      var (action, old) = (sigaction(), sigaction())
      #if canImport(Glibc)
        action.__sigaction_handler.sa_handler = { Request.receive($0) }
      #else
        action.__sigaction_u.__sa_handler = { Request.receive($0) }
      #endif
      action.sa_flags = Int32(truncatingIfNeeded: SA_RESTART)
      sigaction(number, &action, &old)
      return old
    }
    self.signals = signals
    // A parent may have left them held back, which is inherited.
    var wanted = sigset_t()
    sigemptyset(&wanted)
    for signal in signals { sigaddset(&wanted, signal) }
    pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
  }

  /// The signal that has come, if any.
  package var received: Int32? { Request.signal == 0 ? nil : Request.signal }

  /// What people call a signal.
  static func name(of number: Int32) -> String {
    switch number {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "SIGHUP"
    default: "signal \(number)"
    }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    #if canImport(Glibc)
      let handler = action.__sigaction_handler.sa_handler
    #else
      let handler = action.__sigaction_u.__sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == 1
  }

  /// Lets signals have the effect they had before.
  package func finish() {
    for (number, action) in zip(signals, previous) {
      var action = action
      sigaction(number, &action, nil)
    }
  }
}

/// What the signal handler has noted. Global, because signals are: a handler gets nothing but the signal's number.
private enum Request {
  nonisolated(unsafe) static var signal: sig_atomic_t = 0
  nonisolated(unsafe) static var time = 0.0

  /// Calls what a handler may call, and nothing else.
  static func receive(_ number: Int32) {
    let now = monotonicSeconds()
    // Supervisors such as `timeout` send a signal twice at once: to the process and to its group.
    if signal == SIGINT, number == SIGINT, now - time > 0.5 {
      restoreDefault(SIGINT)
      raise(SIGINT)
    }
    guard signal == 0 else { return }
    time = now
    signal = number
  }
}

/// Outside the type, whose property hides the C function of that name.
private func restoreDefault(_ number: Int32) { signal(number, SIG_DFL) }

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
