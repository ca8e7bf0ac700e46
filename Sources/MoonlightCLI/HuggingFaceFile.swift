import CommandSupport
import ConfigDocument
import Diagnostics
import FileAccess
import Importers
import LaunchModel
import RecipeKit
import Releases

extension HuggingFaceModel {
  /// - Parameter path: the file, or the directory that holds it.
  /// - Throws: `CommandFailure`: 66 where it cannot be read, 65 where it is no JSON, 1 where it is another model.
  init(path: String, for release: Release) throws(CommandFailure) {
    let (file, bytes) = try Self.read(path)
    let document = DocumentReader.read(bytes: bytes, name: file, format: .json)
    let hasErrors = document.diagnostics.contains { $0.severity == .error }
    guard let root = document.root, root.entries != nil, !hasErrors else {
      let reason = document.diagnostics.first.map { ": \($0.message)" } ?? ""
      throw CommandFailure("`\(file)` is no JSON object" + reason, status: .notAConfig)
    }
    try self.init(file: document, for: release)
  }

  /// A file, or the config.json of a folder, with its name.
  private static func read(_ path: String) throws(CommandFailure) -> (name: String, bytes: [UInt8]) {
    var file = path
    while true {
      do throws(InputError) { return (file, try InputFile.read(file, limit: DocumentLimit.byteCount)) } catch {
        guard error == .isDirectory, file == path else {
          throw CommandFailure("`\(file)` cannot be read: \(error)", status: .noInput)
        }
        file = (path.hasSuffix("/") ? path : path + "/") + fileName
      }
    }
  }

  /// - Throws: `CommandFailure`, 1, where it is another model.
  init(file document: ParsedDocument, for release: Release) throws(CommandFailure) {
    do throws(Unsupported) { try self.init(document, for: release) } catch {
      throw CommandFailure(
        error.problems.map { "`\(document.file.name)`: \($0)" }.joined(separator: "\n"), status: .failure)
    }
  }

  /// What a person should know of it: what is left out, and whether the model ships with this program.
  func notes(_ book: RecipeBook) -> [String] {
    let named = book.models.first { preset in
      let said = Dictionary(preset.settings.map { ($0.path, $0.value) }) { $1 }
      return Self.shape.allSatisfy { path in said[path] == settings.first { $0.path == path }?.value }
    }
    return warnings
      + (named.map { ["this is the model `\($0.name)`: `moonlight generate pretrain --model \($0.name)` has it"] } ?? [])
  }

  /// What tells models apart.
  private static let shape: [FieldPath] = [
    Path.model.numLayers, Path.model.hiddenSize, Path.model.ffnHiddenSize, Path.model.numAttentionHeads,
    Path.model.vocabSize, Path.model.numMoEExperts, Path.model.moeRouterTopK, Path.model.moeFFNHiddenSize,
    Path.model.kvLoraRank, Path.model.rotaryScalingFactor, Path.model.maxPositionEmbeddings,
  ]
}
