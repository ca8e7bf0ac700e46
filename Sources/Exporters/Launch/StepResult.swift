/// What a step leaves behind, by which a script sees that it need not run again. Paths are those that the step's process
/// sees.
package enum StepResult: Hashable, Sendable {
  /// Files of which each is written when it is whole; all of them are there.
  case files([String])
  /// One of these, which are written last.
  case oneOf([String])
  /// A folder that is made whole, of a checkpoint with this tracker: no older than that.
  case madeOf(folder: String, tracker: String)

  /// The condition of a shell, for paths as the shell sees them.
  func condition(_ path: (String) -> String) -> String {
    func quoted(_ text: String) -> String { shellQuoted(asOperand(path(text))) }
    switch self {
    case .files(let files): return "[[ " + files.map { "-e \(quoted($0))" }.joined(separator: " && ") + " ]]"
    case .oneOf(let files): return "[[ " + files.map { "-e \(quoted($0))" }.joined(separator: " || ") + " ]]"
    case .madeOf(let folder, let tracker):
      return "[[ -d \(quoted(folder)) && ! \(quoted(tracker)) -nt \(quoted(folder)) ]]"
    }
  }
}
