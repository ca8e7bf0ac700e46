package import FileAccess

/// Writes a file, or makes a folder, for a command: `try writing(OutputFile.write(text, to: path))`.
///
/// - Throws: status 73, with the path and the system's reason.
package func writing(_ write: @autoclosure () throws(OutputError) -> Void) throws(CommandFailure) {
  do throws(OutputError) {
    try write()
  } catch {
    throw CommandFailure(error)
  }
}

extension CommandFailure {
  package init(_ error: OutputError) { self.init("\(error)", status: .cannotWrite) }
}

/// What lies where a command is to write a text.
enum PresentFile {
  /// Nothing that writing would lose: no file, an empty one, this very text, or no regular file, of which whoever writes
  /// it says what is wrong.
  case nothingToLose
  case text(String)
  /// A file of more than `limit` bytes, which is none of this program's.
  case tooLarge

  init(at path: String, before text: String, limit: Int) {
    do throws(InputError) {
      let present = String(decoding: try InputFile.readRegular(path, limit: limit).bytes, as: UTF8.self)
      self = present.isEmpty || present == text ? .nothingToLose : .text(present)
    } catch .tooLarge {
      self = .tooLarge
    } catch {
      self = .nothingToLose
    }
  }
}
