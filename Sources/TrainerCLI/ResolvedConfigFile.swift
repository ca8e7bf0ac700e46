import CommandSupport
import ConfigDocument
import FileAccess
import LaunchModel

/// The resolved config that every run directory begins with.
enum ResolvedConfigFile {
  static func write(_ config: LaunchConfig, to path: String) throws(CommandFailure) {
    let text = YAMLEmitter(header: ["fingerprint: sha256:\(config.fingerprint)"], comments: config.comments)
      .emit(.mapping(config.withCanonicalLayout().tree))
    try writing(OutputFile.write(text, to: path))
  }
}
