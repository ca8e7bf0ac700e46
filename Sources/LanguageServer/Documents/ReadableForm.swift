import ConfigDocument
import LaunchModel
import Releases

/// What kind of file a text is, and what it is written in, when it could last be read: half a word makes most texts
/// unreadable, and half a word is when somebody asks how it might go on.
struct ReadableForm {
  let spelling: any Spelling
  let release: Release
  let root: Node
  /// Whether it is no config at all.
  let isForeign: Bool

  /// - Returns: `nil` for a text that cannot be read, or that says nothing yet.
  init?(_ loaded: ConfigLoader.LoadedConfig) {
    let document = loaded.document
    guard !document.isUnreadable, let root = document.root, root.scalar == nil, root.entries?.isEmpty != true
    else { return nil }
    spelling = loaded.spelling
    release = loaded.resolution.config.release
    self.root = root
    isForeign = document.isForeign || root.entries == nil
  }
}
