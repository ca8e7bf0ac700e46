import LaunchModel

extension GeneratedFile {
  /// A page for each command: `man -l Examples/man/moonlight-validate.1`.
  ///
  /// - Parameter descriptions: what ArgumentParser says of the tools.
  static func manualPages(_ descriptions: [String]) throws -> [GeneratedFile] {
    try descriptions.flatMap { json in
      let root = try ToolDescription(json: json).root
      return root.all.map { command in
        GeneratedFile(path: "Examples/man/\(command.page).1", text: ManualPage(command, in: root).text)
      }
    }
  }
}

/// A manual page in the language of man(7).
private struct ManualPage {
  private let command: ToolDescription.Command
  private let root: ToolDescription.Command

  init(_ command: ToolDescription.Command, in root: ToolDescription.Command) {
    self.command = command
    self.root = root
  }

  var text: String {
    var lines = [
      #".\" Written by moonlight-dev generate."#,
      ".TH \"\(command.page.uppercased())\" 1 \"\" \"moonlight \(toolVersion)\" \"User Commands\"",
      ".SH NAME", "\(escaped(command.page)) \\- \(escaped(command.abstract))", ".SH SYNOPSIS",
    ]
    lines += synopsis + description + options + subcommands + statuses + seeAlso
    return lines.joined(separator: "\n") + "\n"
  }

  private var synopsis: [String] {
    var lines = [".nf", "\\fB\(escaped(command.name))\\fR"]
    if !command.subcommands.isEmpty { lines[1] += " \\fIcommand\\fR" }
    for option in command.options where option.kind == .positional { lines[1] += " " + operand(option) }
    if command.options.contains(where: { $0.kind != .positional }) { lines[1] += " [\\fIoptions\\fR]" }
    return lines + [".fi"]
  }

  private func operand(_ option: ToolDescription.Option) -> String {
    let name = "\\fI\(escaped(option.value))\\fR" + (option.isRepeating ? " ..." : "")
    return option.isOptional ? "[\(name)]" : name
  }

  /// The discussion: paragraphs, and examples as they are.
  private var description: [String] {
    var lines = [".SH DESCRIPTION", escaped(command.abstract)]
    for paragraph in command.discussion.split(separator: "\n\n").map(String.init) {
      if paragraph.hasPrefix("EXAMPLES\n") {
        lines += [".SH EXAMPLES", ".nf"]
        lines += paragraph.split(separator: "\n").dropFirst().map { escaped($0.dropFirst(2)) }
        lines.append(".fi")
      } else if !paragraph.hasPrefix("Exit status:") {
        lines += [".PP", escaped(paragraph.replacing("\n", with: " "))]
      }
    }
    return lines
  }

  private var options: [String] {
    var lines: [String] = []
    var group: String?
    for option in command.options {
      if lines.isEmpty { lines.append(".SH OPTIONS") }
      if option.group != group, !option.group.isEmpty { lines.append(".SS \(escaped(option.group.capitalizedFirst))") }
      group = option.group
      lines += [".TP", head(of: option)]
      var help = option.help
      if !option.words.isEmpty { help += " One of \(option.words.joined(separator: ", "))." }
      if let value = option.defaultValue { help += " Default: \(value)." }
      lines.append(help.isEmpty ? "\\&" : escaped(help))
    }
    return lines
  }

  private func head(of option: ToolDescription.Option) -> String {
    guard option.kind != .positional else { return operand(option) }
    let names = option.names.map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", ")
    return option.kind == .flag ? names : names + " \\fI\(escaped(option.value))\\fR"
  }

  private var subcommands: [String] {
    guard !command.subcommands.isEmpty else { return [] }
    return [".SH COMMANDS"]
      + command.subcommands.flatMap { [".TP", "\\fB\(escaped($0.page))\\fR(1)", escaped($0.abstract)] }
  }

  private var statuses: [String] {
    [
      ".SH EXIT STATUS", ".TP", "0", "Success.", ".TP", "1", "The config has errors, or the run failed.", ".TP", "64",
      "Wrong usage.", ".TP", "65", "A file is not YAML or JSON.", ".TP", "66", "An input cannot be read.", ".TP", "73",
      "An output cannot be written.", ".TP", "128 + \\fIn\\fR", "Signal \\fIn\\fR ended it.",
    ]
  }

  private var seeAlso: [String] {
    let parent = root.all.first { $0.words == command.words.dropLast() }
    let others = ([parent].compactMap { $0 } + (parent?.subcommands ?? [])).filter { $0.page != command.page }
    guard !others.isEmpty else { return [] }
    return [".SH SEE ALSO", others.map { "\\fB\(escaped($0.page))\\fR(1)" }.joined(separator: ",\n")]
  }

  /// Text that troff takes as it is.
  private func escaped(_ text: some StringProtocol) -> String {
    let plain = String(text).replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("`", with: "\\(ga")
    return plain.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&" + $0 : String($0) }.joined(separator: "\n")
  }
}

extension String {
  /// `RECIPE` as `Recipe`.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst().lowercased() }
}
