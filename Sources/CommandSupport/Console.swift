import FileAccess
package import Reporting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Standard output and standard error of a command.
///
/// What is written for people passes one filter, so that nothing a file or a name holds can do anything to a terminal.
///
/// Standard output is gathered and written in large pieces; where its reader has gone away (`| head -1`) the rest is
/// dropped without a word, and the command ends as it would have.
package final class Console {
  package let outputStyle: TerminalStyle
  package let errorStyle: TerminalStyle
  /// Columns for excerpts: as many as `COLUMNS` wishes, else the terminal's, or 120. Messages are never wrapped: a line of a
  /// report is one to search for and to copy, and a terminal wraps it itself.
  package let width: Int
  private let outputIsTerminal: Bool
  private var pending = ""
  private var failure: Int32 = 0
  /// What was written, where it goes to no stream.
  private var captured: (output: String, errors: String)?

  /// The streams of the process.
  package init(color: ColorChoice = .auto) {
    // A reader that went away and a file that may not grow are errors of a write, not the end of the process.
    for refusal in [SIGPIPE, SIGXFSZ] { signal(refusal, SIG_IGN) }
    let allowsColour = (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true) && !Self.isDumbTerminal
    func isColoured(_ descriptor: Int32) -> Bool {
      switch color {
      case .always: true
      case .auto: allowsColour && isatty(descriptor) == 1
      case .never: false
      }
    }
    outputIsTerminal = isatty(STDOUT_FILENO) == 1
    let columns = Self.wishedWidth ?? Self.terminalWidth(STDOUT_FILENO)
    outputStyle = TerminalStyle(isColoured: isColoured(STDOUT_FILENO), width: columns.map { max(40, $0) })
    errorStyle = TerminalStyle(isColoured: isColoured(STDERR_FILENO))
    width = columns ?? 120
  }

  /// Keeps what is written; without colours.
  package init(capturing: Void) {
    outputIsTerminal = false
    outputStyle = .plain
    errorStyle = .plain
    width = 120
    captured = ("", "")
  }

  /// What was written to standard output so far, of a console that keeps it.
  package var capturedOutput: String { captured?.output ?? "" }

  /// The same for standard error.
  package var capturedErrors: String { captured?.errors ?? "" }

  /// Writes text for people to standard output.
  package func write(_ text: String) { put(outputStyle.terminalText(text)) }

  /// Writes what a program reads: a config, a script, JSON. As it is, unless it goes to a terminal.
  package func write(document: String) {
    put(outputIsTerminal || outputStyle.isColoured ? outputStyle.terminalText(document) : document)
  }

  private func put(_ text: String) {
    if captured != nil {
      captured?.output += text
      return
    }
    pending += text
    if pending.utf8.count > 1 << 16 { flush() }
  }

  /// Writes to standard output at once, as for text that appears while somebody watches.
  ///
  /// - Returns: whether anybody still reads it.
  @discardableResult
  package func show(_ text: String) -> Bool {
    write(text)
    if captured == nil { flush() }
    return failure == 0
  }

  /// Writes to standard error, behind what went to standard output before.
  package func complain(_ text: String) { putError(errorStyle.terminalText(text)) }

  /// Writes a line that renews itself, or what clears it: control characters and numbers of our own, and nothing else.
  package func complain(progress: String) { putError(progress) }

  private func putError(_ text: String) {
    if captured != nil {
      captured?.errors += text
      return
    }
    flush()
    _ = writeBytes(of: text, to: STDERR_FILENO)
  }

  package func complain(_ failure: CommandFailure) {
    guard failure.diagnostics.isEmpty else {
      return complain(TextReport(style: errorStyle, width: width).text(of: failure.diagnostics))
    }
    complain(errorStyle.paint("error", .error) + ": \(failure.message)\n")
    if let help = failure.help { complain(errorStyle.paint("help", .help) + ": \(help)\n") }
  }

  /// The status to end with: the command's, unless standard output could not be written.
  package func finish(_ status: ExitStatus) -> ExitStatus {
    flush()
    guard failure != 0, failure != EPIPE else { return status }
    complain(CommandFailure("standard output cannot be written: \(systemMessage(failure))", status: .cannotWrite))
    return .cannotWrite
  }

  private func flush() {
    if failure == 0, !pending.isEmpty { failure = writeBytes(of: pending, to: STDOUT_FILENO) }
    pending = ""
  }

  /// Columns of the terminal on standard error as it is now, where a line there can renew itself; `nil` elsewhere.
  package var errorColumns: Int? {
    guard captured == nil, !Self.isDumbTerminal, isatty(STDERR_FILENO) == 1 else { return nil }
    return Self.terminalWidth(STDERR_FILENO) ?? 80
  }

  private static var isDumbTerminal: Bool { getenv("TERM").map { String(cString: $0) == "dumb" } ?? false }

  /// What the environment says, as POSIX means it and as help texts go by.
  private static var wishedWidth: Int? {
    getenv("COLUMNS").flatMap { Int(String(cString: $0)) }.flatMap { $0 > 0 ? $0 : nil }
  }

  private static func terminalWidth(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
