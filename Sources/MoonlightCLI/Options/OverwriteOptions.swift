import ArgumentParser

/// What becomes of a file that lies where another one is to be written.
struct OverwriteOptions: ParsableArguments {
  @Flag(help: "Writes over a file that was edited, or that moonlight has not written.")
  var force = false
}
