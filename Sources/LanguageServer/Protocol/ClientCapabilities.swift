import ConfigDocument

/// What of `ClientCapabilities` makes a difference to this server.
struct ClientCapabilities {
  let encoding: PositionEncoding
  /// Whether it tells of files that change on the disk, where it is asked to.
  let watchesFiles: Bool
  /// Whether it asks for inlay hints anew, where it is told to.
  let refreshesHints: Bool

  init(_ capabilities: ConfigValue?) {
    encoding = PositionEncoding(capabilities)
    let workspace = capabilities?["workspace"]
    watchesFiles = workspace?["didChangeWatchedFiles"]?["dynamicRegistration"] == true
    refreshesHints = workspace?["inlayHint"]?["refreshSupport"] == true
  }
}
