import FileAccess
import LaunchModel

/// A file that this program writes and people edit: it is not written over what would be lost.
package struct SealedFile {
  private let text: String
  private let path: String
  private let isExecutable: Bool

  package init(_ text: String, at path: String, isExecutable: Bool = false) {
    self.text = TextSeal.sealed(text)
    self.path = path
    self.isExecutable = isExecutable
  }

  /// Refuses where one of the files was edited since it was written, or is one that this program has not written.
  ///
  /// - Throws: status 73, with all of them.
  package static func check(_ files: [SealedFile]) throws(CommandFailure) {
    let lost = files.compactMap(\.loss)
    guard !lost.isEmpty else { return }
    throw CommandFailure(
      lost.joined(separator: "; "), help: "`--force` writes over \(lost.count == 1 ? "it" : "them")",
      status: .cannotWrite)
  }

  /// What would be lost by writing.
  private var loss: String? {
    let unknown = "`\(path)` is a file that moonlight has not written"
    switch PresentFile(at: path, before: text, limit: Self.limit) {
    case .nothingToLose: return nil
    case .tooLarge: return unknown
    case .text(let present):
      return switch TextSeal.state(of: present) {
      case .intact: nil
      case .broken: "`\(path)` was edited since moonlight wrote it"
      case .missing: unknown
      }
    }
  }

  /// No text that is generated comes near it.
  private static let limit = 16 << 20

  /// - Throws: status 73.
  package func write() throws(CommandFailure) {
    try writing(OutputFile.write(text, to: path, isExecutable: isExecutable))
  }
}
