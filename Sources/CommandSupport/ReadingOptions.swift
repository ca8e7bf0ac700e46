package import ArgumentParser

/// How the configs that a command is given are read and shown.
package struct ReadingOptions: ParsableArguments {
  @Flag(
    help: """
      Shows lines of base configs outside the config's git root (or, without one, its folder) in diagnostics, too.
      """)
  package var showExternal = false

  package init() {}
}

/// A command that opens configs.
package protocol ReadingCommand: ParsableCommand {
  var reading: ReadingOptions { get }
}
