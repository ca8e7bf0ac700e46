import Diagnostics

/// Diagnostics as workflow commands, which GitHub shows beside the lines of a pull request.
package enum GitHubReport {
  package static func text(of reports: [FileReport]) -> String {
    reports.flatMap { report in report.diagnostics.map { line(for: $0, in: report.name) } }.joined()
  }

  private static func line(for diagnostic: Diagnostic, in name: String) -> String {
    var properties: [(name: String, value: String)] = []
    if let location = diagnostic.location {
      let (start, end) = (location.start, location.end)
      properties = [("file", location.file.name), ("line", "\(start.line)"), ("endLine", "\(end.line)")]
      // Columns are only understood within one line.
      properties.append(("col", "\(start.column)"))
      if start.line == end.line { properties.append(("endColumn", "\(end.column)")) }
    } else {
      properties = [("file", name)]
    }
    properties.append(("title", diagnostic.code.rawValue))
    let list = properties.map { "\($0.name)=\(escapedProperty($0.value))" }.joined(separator: ",")
    var message = diagnostic.message
    if let help = diagnostic.help { message += "\n" + help }
    return "::\(command(for: diagnostic.severity)) \(list)::\(escaped(message))\n"
  }

  private static func command(for severity: Severity) -> String {
    switch severity {
    case .error: "error"
    case .warning: "warning"
    case .note: "notice"
    }
  }

  /// As the runner's `toCommandValue`.
  private static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == 0x0A || $0 == 0x0D }) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  private static func escapedProperty(_ text: String) -> String {
    let text = escaped(text)
    guard text.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ",") }) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case ":": result += "%3A"
      case ",": result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
