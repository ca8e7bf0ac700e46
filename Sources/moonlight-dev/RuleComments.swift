import FileAccess
import Releases
import Validation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads the doc comments of the rules, which are their reference.
enum RuleComments {
  /// In the order of the registry.
  static func read(root: String) throws -> [RuleReference] {
    let folder = "\(root)/Sources/Validation/Rules"
    var found: [String: RuleReference] = [:]
    for path in swiftFiles(in: folder) {
      let text = String(decoding: try InputFile.read(path, limit: 1 << 20), as: UTF8.self)
      guard let rule = try rule(in: text, path) else { continue }
      guard found[rule.code] == nil else { throw Complaint("\(path): two rules have the code \(rule.code)") }
      found[rule.code] = rule
    }
    let registered = RuleRegistry.rules.map { $0.code.rawValue }
    for code in registered where found[code] == nil {
      throw Complaint("rule \(code) has no doc comment under Sources/Validation/Rules")
    }
    for rule in RuleRegistry.rules {
      for release in releases(among: found[rule.code.rawValue]?.text ?? "") where !rule.releases.contains(release) {
        throw Complaint("rule \(rule.code) has a source in \(release.megatronBridge), where it does not hold")
      }
    }
    for code in found.keys where !registered.contains(code) { throw Complaint("rule \(code) is not in RuleRegistry") }
    return registered.compactMap { found[$0] }
  }

  struct Complaint: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// The rule of a file, from the `///` lines directly above its type and the code and title inside it; `nil` for a file
  /// that holds what several rules use.
  private static func rule(in text: String, _ path: String) throws -> RuleReference? {
    var comment: [Substring] = []
    var rule: (name: Substring, comment: [Substring])?
    var code: Substring?
    var title: Substring?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let content = line.drop { $0 == " " }
      if content.hasPrefix("///") {
        comment.append(content.dropFirst(3).first == " " ? content.dropFirst(4) : content.dropFirst(3))
        continue
      }
      if let match = content.firstMatch(of: #/^(?:package |private |fileprivate )?(?:enum|struct) (\w+): .*\bRule\b/#) {
        guard rule == nil else { throw Complaint("\(path) holds more than one rule") }
        rule = (match.1, comment)
      }
      comment = []
      if let match = content.firstMatch(of: #/static let code: DiagnosticCode = "([A-Z]+-[0-9]+)"/#) { code = match.1 }
      if let match = content.firstMatch(of: #/static let title = "(.*)"$/#) { title = match.1 }
    }
    guard let rule else { return nil }
    guard path.hasSuffix("/\(rule.name).swift") else {
      throw Complaint("\(path) holds the rule \(rule.name), and must be named as that")
    }
    guard let code, let title else {
      throw Complaint("\(path): \(rule.name) has no code or no title on a line of its own")
    }
    guard rule.comment.count > 2 else { throw Complaint("\(path): \(code) has no doc comment") }
    return try reference(String(code), title: String(title), rule.comment, path)
  }

  private static let headings = ["What", "Why", "Example", "Fix", "Source"]

  private static func reference(_ code: String, title: String, _ comment: [Substring], _ path: String) throws
    -> RuleReference
  {
    guard comment.first?.hasPrefix("# \(code)") == true else {
      throw Complaint("\(path): the comment of \(code) must begin with `# \(code): …`")
    }
    let found = comment.compactMap { $0.hasPrefix("## ") ? String($0.dropFirst(3)) : nil }
    guard found == headings else {
      throw Complaint("\(path): the headings of \(code) are \(found), but must be \(headings)")
    }
    try checkSource(comment.drop { $0 != "## Source" }.dropFirst(), of: code, path)
    let body = comment.dropFirst().drop { $0.isEmpty }
    return RuleReference(code: code, title: title, text: body.joined(separator: "\n"))
  }

  /// Where a source names a version, it stands in a line of the release of Megatron-Bridge that goes with it, such as
  /// `- 0.3.1: megatron-core 0.16.1 …`; so a later release adds a line.
  private static func checkSource(_ lines: ArraySlice<Substring>, of code: String, _ path: String) throws {
    var release: Substring?
    for line in lines {
      if !line.hasPrefix("  ") { release = line.firstMatch(of: releaseLine)?.1 }
      if let release, Release.named(String(release)) == nil {
        throw Complaint("\(path): \(release), among the sources of \(code), is no release that this package knows")
      }
      guard release != nil || !line.contains(#/(?:megatron-core|megatron-bridge|Transformer Engine) \d/#) else {
        throw Complaint("\(path): the sources of \(code) name a version outside a line of a release: `\(line)`")
      }
      if let bridge = line.firstMatch(of: #/megatron-bridge (\d+\.\d+\.\d+)/#)?.1, bridge != release {
        throw Complaint("\(path): a line of release \(release ?? "") among the sources of \(code) names \(bridge)")
      }
    }
  }

  /// The releases whose sources a text names.
  private static func releases(among text: String) -> [Release] {
    text.split(separator: "\n").compactMap { $0.firstMatch(of: releaseLine).flatMap { Release.named(String($0.1)) } }
  }

  private static var releaseLine: Regex<(Substring, Substring)> { #/^- (\d+\.\d+\.\d+): /# }

  private static func swiftFiles(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted().flatMap { name in
      name.hasSuffix(".swift") ? ["\(folder)/\(name)"] : swiftFiles(in: "\(folder)/\(name)")
    }
  }
}
