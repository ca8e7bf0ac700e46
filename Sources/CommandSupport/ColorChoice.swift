package import ArgumentParser

/// When output is coloured: `--color`.
package enum ColorChoice: String, ArgumentWord, Sendable {
  case always
  /// On a terminal, unless `NO_COLOR` is set.
  case auto
  case never

  package static let help: ArgumentHelp = "When to use colours; auto does on a terminal."

  /// What a command line says, which the console needs before the line is read as a whole; a value that is none of these
  /// is refused then.
  package init(in arguments: [String]) {
    self = .auto
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { return }
      if argument == "--color", index + 1 < arguments.count {
        self = ColorChoice(rawValue: arguments[index + 1]) ?? self
      } else if argument.hasPrefix("--color=") {
        self = ColorChoice(rawValue: String(argument.dropFirst("--color=".count))) ?? self
      }
    }
  }
}
