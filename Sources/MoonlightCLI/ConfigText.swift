import CommandSupport
import ConfigDocument
import Exporters
import LaunchModel

/// A config as the text of a file, with what made it.
struct ConfigText {
  let config: LaunchConfig
  /// Without the program's name.
  let arguments: [String]

  func text(as format: TextFormat) throws(CommandFailure) -> String {
    switch format {
    case .yaml:
      return YAMLEmitter(header: provenance + ["yaml-language-server: $schema=\(schemaName)"], comments: config.comments)
        .emit(.mapping(config.tree))
    case .json:
      let head: ConfigMapping = [
        "$schema": .string(schemaName), "$comment": .string(provenance.joined(separator: "\n")),
      ]
      do {
        return try JSONEmitter().emit(.mapping(ConfigMapping(head.entries + config.tree.entries)))
      } catch {
        throw CommandFailure("the config cannot be written as JSON: \(error)", status: .failure)
      }
    }
  }

  private var schemaName: String { "moonlight.schema.json" }

  private var provenance: [String] {
    let command = (["moonlight"] + arguments).map(shellQuoted).joined(separator: " ")
    return [
      "\(config.recipe.basedOn ?? config.recipe.name), written by \(toolVersionLine)",
      "fingerprint: sha256:\(config.fingerprint)",
      "command: \(command)",
    ]
  }
}
