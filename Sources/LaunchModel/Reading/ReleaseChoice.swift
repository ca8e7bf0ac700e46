import ConfigDocument
package import Diagnostics
package import Releases

/// For which release a config is, and who said so.
package struct ReleaseChoice: Sendable {
  package let release: Release
  package let source: Source

  package enum Source: Sendable {
    /// `software` of the file, or of what it builds on.
    case written(SourceLocation)
    /// `--megatron-bridge` or `--set`, as a person wrote it.
    case asked(String)
    /// A ConfigContainer that the config builds on, by what stands in it.
    case container(SourceLocation)
    /// Nobody: the program that wrote the file knew but one.
    case unnamed(of: SourceLocation)
    /// Nobody.
    case assumed
  }

  /// Chooses for the texts that a config is made of.
  ///
  /// - Parameters:
  ///   - heads: the lowest first; the last one that says something counts.
  ///   - asked: what the command line says, where it says something.
  /// - Returns: the choice, and an error where the command line contradicts the file.
  static func choose(_ heads: [DocumentHead], asked: (release: Release, flag: String)?) -> (ReleaseChoice, Diagnostic?)
  {
    let written = heads.last { $0.software != nil }?.software
    guard let asked else {
      if let (release, place) = written { return (ReleaseChoice(release: release, source: .written(place)), nil) }
      if let head = heads.last(where: { $0.container != nil }), let container = head.container {
        let start = SourceLocation(head.file, SourceRange(0, 0))
        return (ReleaseChoice(release: container.release, source: .container(start)), nil)
      }
      if let unnamed = heads.last(where: \.wasWrittenBeforeReleases) {
        let start = SourceLocation(unnamed.file, SourceRange(0, 0))
        return (ReleaseChoice(release: .beforeNaming, source: .unnamed(of: start)), nil)
      }
      return (ReleaseChoice(release: .current, source: .assumed), nil)
    }
    guard let (release, place) = written, release != asked.release else {
      return (ReleaseChoice(release: asked.release, source: .asked(asked.flag)), nil)
    }
    return (
      ReleaseChoice(release: release, source: .written(place)),
      conflict(release, asked: asked.release, asked.flag, at: place)
    )
  }

  static func conflict(_ release: Release, asked: Release, _ flag: String, at place: SourceLocation) -> Diagnostic {
    Diagnostic(
      FieldRule.release.code, .error,
      "the config is for Megatron-Bridge \(release.megatronBridge), but `\(flag)` asks for another release",
      help: asked.migration(of: place.file, from: nil),
      path: Path.software.megatronBridge.description, at: place)
  }

  /// For which release a config was taken that names none.
  func note(in document: ParsedDocument) -> Diagnostic? {
    let (reason, place): (String, SourceLocation)
    switch source {
    case .written, .asked: return nil
    case .container(let start):
      reason = "\(start.file.name), which it builds on, is a file for that release"
      place = SourceLocation(document.file, SourceRange(0, 0))
    case .unnamed(let start):
      reason = "\(start.file.name) was generated before configs named their release"
      place = start
    case .assumed:
      reason = "no `software` names another"
      place = SourceLocation(document.file, SourceRange(0, 0))
    }
    return Diagnostic(
      FieldRule.release.code, .note, "taken for Megatron-Bridge \(release.megatronBridge): \(reason)",
      help: "write `software: {megatron_bridge: \(release.megatronBridge)}`",
      path: Path.software.megatronBridge.description, at: place)
  }
}

extension Release {
  /// What to run for a file that is for another release; completes nothing, stands by itself.
  ///
  /// - Parameter source: the release of a file that names none.
  func migration(of file: SourceFile, from source: Release?) -> String {
    let flag = source.map { " --megatron-bridge \($0.megatronBridge)" } ?? ""
    let name = ["<stdin>", "--set"].contains(where: file.name.hasPrefix) ? "FILE" : file.name
    return "`moonlight migrate \(name)\(flag) --to \(self.megatronBridge)` makes it one for \(self.megatronBridge)"
  }
}

/// What must be known of a text before its fields can be read: what it builds on, and for which release it is.
struct DocumentHead {
  let file: SourceFile
  /// The bases named by `extends`, lowest first.
  private(set) var bases: [(name: String, range: SourceRange)] = []
  private(set) var software: (release: Release, place: SourceLocation)?
  /// For which release a ConfigContainer is.
  private(set) var container: BridgeRecognition?
  /// Generated, by a version of this program that did not write `software`.
  private(set) var wasWrittenBeforeReleases = false
  private(set) var diagnostics: [Diagnostic] = []

  init(_ document: ParsedDocument) {
    file = document.file
    if BridgeReader.reads(document) { container = BridgeRecognition(document) }
    if let extends = document.root?["extends"] { readExtends(extends) }
    let path = Path.software.megatronBridge
    if let node = document.root?[path.section]?[path.field], let text = node.scalar?.text,
      let release = Release.named(text)
    {
      software = (release, SourceLocation(file, node.range))
    } else if document.root?[path.section] == nil {
      wasWrittenBeforeReleases = Self.isGenerated(document)
    }
  }

  private mutating func readExtends(_ node: Node) {
    for item in node.items ?? [node] {
      guard case .string(let name)? = item.scalar?.value(in: .v1_2), !name.isEmpty else {
        diagnostics.append(
          Diagnostic(
            FieldRule.extends.code, .error, "`extends` takes the name of a recipe, a path, or a list of them",
            path: "extends", at: SourceLocation(file, item.range)))
        continue
      }
      bases.append((name, item.range))
    }
  }

  /// Whether the first comment gives the fingerprint of what was generated.
  private static func isGenerated(_ document: ParsedDocument) -> Bool {
    let mark = "fingerprint: sha256:"
    if document.format == .json { return document.root?["$comment"]?.scalar?.text.contains(mark) ?? false }
    // Among the first four lines with anything on them.
    var rest = document.file.text.utf8[...]
    for _ in 0..<4 {
      rest = rest.drop { $0 == UInt8(ascii: "\n") }
      guard rest.first == UInt8(ascii: "#") else { return false }
      if Substring(rest).hasPrefix("# " + mark) { return true }
      rest = rest.drop { $0 != UInt8(ascii: "\n") }
    }
    return false
  }
}
