import CommandSupport
import Diagnostics
import LaunchModel

/// Applies fixes to a config until none is left.
struct FixLoop {
  let inputs: ConfigInputs
  let overrides: Overrides
  let takesUnsafe: Bool
  /// One fix can make room for the next, but not forever.
  private static let longest = 32

  /// - Returns: the config after all fixes, not yet written, and how many there were.
  func run(_ opened: ConfigInputs.Opened, _ path: String) -> (opened: ConfigInputs.Opened, count: Int) {
    var current = opened
    var count = 0
    var seen: Set<String> = [opened.loaded.document.file.text]
    for _ in 0..<Self.longest {
      let file = current.loaded.document.file
      let (text, applied) = file.applying(current.diagnostics.nextFixes(in: file, takingUnsafe: takesUnsafe))
      // Two fixes that undo each other would go on for ever.
      guard applied > 0, seen.insert(text).inserted else { break }
      let next = inputs.open(text: text, as: current, path: path, overrides: overrides)
      guard !next.loaded.document.isUnreadable else { break }
      current = next
      count += applied
    }
    return (current, count)
  }
}
