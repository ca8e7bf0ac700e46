import CommandSupport
import FileAccess
import LaunchModel

/// Where the text of a command goes: to the file of `-o`, or to standard output.
extension Session {
  /// A text that people edit, which is sealed: a file is not written over what they did, unless they insist.
  func write(generated text: String, to path: String?, force: Bool) throws(CommandFailure) {
    guard let path, path != "-" else { return console.write(document: TextSeal.sealed(text)) }
    let file = SealedFile(text, at: path)
    if !force { try SealedFile.check([file]) }
    try file.write()
  }

  /// What a command shows, which is written over its own kind alone, unless people insist.
  ///
  /// - Parameters:
  ///   - isForPeople: a table, as opposed to JSON or a picture.
  ///   - otherBeginnings: of texts of the same kind, where they do not all begin alike.
  func write(
    reported text: String, to path: String?, force: Bool, isForPeople: Bool = false, otherBeginnings: [String] = []
  ) throws(CommandFailure) {
    guard let path, path != "-" else { return isForPeople ? console.write(text) : console.write(document: text) }
    try ReportedFile(text, at: path, otherBeginnings: otherBeginnings).write(force: force)
  }

  /// A text of no kind of its own, such as somebody's config: it is written over whatever is there.
  func write(_ text: String, to path: String) throws(CommandFailure) {
    guard path != "-" else { return console.write(document: text) }
    try writing(OutputFile.write(text, to: path))
  }
}
