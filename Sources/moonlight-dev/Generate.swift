import ArgumentParser
import CommandSupport
import FileAccess
import MoonlightCLI
import TrainerCLI

/// `moonlight-dev generate`: writes everything that is generated, or checks that it is up to date.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Writes everything that is generated: tables in Sources; manuals, references and configs in Examples.",
    discussion: """
      EXAMPLES
        swift run moonlight-dev generate
        swift run moonlight-dev generate --check
      """)

  @Flag(help: "Writes nothing; says what is out of date, with exit status 1.")
  var check = false

  @Option(help: ArgumentHelp("The root of the package.", valueName: "dir"))
  var root = "."

  func run(_ console: Console) throws -> ExitStatus {
    var stale: [String] = []
    for file in try GeneratedFile.all(root: root) {
      let path = "\(root)/\(file.path)"
      let present = (try? InputFile.read(path, limit: 1 << 26)).map { String(decoding: $0, as: UTF8.self) }
      guard present != file.text else { continue }
      stale.append(file.path)
      if !check { try OutputFile.write(file.text, to: path) }
    }
    if stale.isEmpty {
      console.complain("everything generated is up to date\n")
      return .success
    }
    for path in stale { console.write("\(check ? "out of date" : "written"): \(path)\n") }
    guard check else { return .success }
    console.complain("run: swift run moonlight-dev generate\n")
    return .failure
  }
}

/// One file that a program writes.
struct GeneratedFile {
  /// From the root of the package.
  let path: String
  let text: String

  /// Everything generated; a new one needs its line here.
  static func all(root: String) throws -> [GeneratedFile] {
    let rules = try RuleComments.read(root: root)
    return try releaseFields(root: root) + releaseOptions(root: root) + [
      try declaredFields(),
      ruleReferenceTable(rules),
      ruleReferencePage(rules),
      try schema(),
      try fieldReferencePage(),
    ] + (try exampleConfigs()) + (try manualPages([MoonlightTool.description, TrainerTool.description]))
  }
}
