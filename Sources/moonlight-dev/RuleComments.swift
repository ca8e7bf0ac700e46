import FileAccess
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
      for rule in try rules(in: text, path) {
        guard found[rule.code] == nil else { throw Complaint("\(path): two rules have the code \(rule.code)") }
        found[rule.code] = rule
      }
    }
    let registered = RuleRegistry.rules.map { $0.code.rawValue }
    for code in registered where found[code] == nil {
      throw Complaint("rule \(code) has no doc comment under Sources/Validation/Rules")
    }
    for code in found.keys where !registered.contains(code) { throw Complaint("rule \(code) is not in RuleRegistry") }
    return registered.compactMap { found[$0] }
  }

  struct Complaint: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// A comment of `///` lines directly above a type that is a rule, and the code and title inside it.
  private static func rules(in text: String, _ path: String) throws -> [RuleReference] {
    var rules: [RuleReference] = []
    var comment: [Substring] = []
    var pending: [Substring]?
    var code: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let content = line.drop { $0 == " " }
      if content.hasPrefix("///") {
        comment.append(content.dropFirst(3).first == " " ? content.dropFirst(4) : content.dropFirst(3))
        continue
      }
      if content.contains(#/^(?:package |private |fileprivate )?(?:enum|struct) \w+: .*\bRule\b/#) { pending = comment }
      comment = []
      if let match = content.firstMatch(of: #/static let code: DiagnosticCode = "([A-Z]+-[0-9]+)"/#) {
        code = String(match.1)
      }
      guard let rule = code, let match = content.firstMatch(of: #/static let title = "(.*)"$/#) else { continue }
      guard let body = pending, body.count > 2 else { throw Complaint("\(path): \(rule) has no doc comment") }
      try rules.append(reference(rule, title: String(match.1), body, path))
      (pending, code) = (nil, nil)
    }
    return rules
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
    let body = comment.dropFirst().drop { $0.isEmpty }
    return RuleReference(code: code, title: title, text: body.joined(separator: "\n"))
  }

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
