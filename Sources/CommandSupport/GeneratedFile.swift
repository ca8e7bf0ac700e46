import FileAccess
import LaunchModel

/// A file that this program writes and people edit: it is not written over what would be lost.
package struct GeneratedFile {
  private let text: String
  private let path: String
  private let isExecutable: Bool

  package init(_ text: String, at path: String, isExecutable: Bool = false) {
    self.text = TextSeal.sealed(text)
    self.path = path
    self.isExecutable = isExecutable
  }

  /// Refuses where there is a file that was edited since it was written, or that this program has not written.
  ///
  /// - Throws: status 73.
  package func check() throws(CommandFailure) {
    let bytes: [UInt8]
    do throws(InputError) {
      bytes = try InputFile.readRegular(path, limit: Self.limit).bytes
    } catch .tooLarge {
      throw refusal("is a file that moonlight has not written")
    } catch {
      // No file, or no regular one: whoever writes it says what is wrong.
      return
    }
    let present = String(decoding: bytes, as: UTF8.self)
    guard !present.isEmpty, present != text else { return }
    switch TextSeal.state(of: present) {
    case .intact: return
    case .broken: throw refusal("was edited since moonlight wrote it")
    case .missing: throw refusal("is a file that moonlight has not written")
    }
  }

  /// No text that is generated comes near it.
  private static let limit = 16 << 20

  private func refusal(_ reason: String) -> CommandFailure {
    CommandFailure("`\(path)` \(reason)", help: "`--force` writes over it", status: .cannotWrite)
  }

  /// - Throws: status 73.
  package func write() throws(CommandFailure) {
    do throws(OutputError) {
      try OutputFile.write(text, to: path, isExecutable: isExecutable)
    } catch {
      throw CommandFailure("\(error)", status: .cannotWrite)
    }
  }
}
