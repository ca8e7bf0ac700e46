import Diagnostics
import LaunchModel
import Releases

/// An option of a command line as it was given.
struct GivenOption {
  let option: CommandLineOption
  let name: LocatedText
  let values: [LocatedText]

  var location: SourceRange { values.isEmpty ? name.range : values[0].range }
}

/// Takes arguments apart as the release's parser does: which option stands where, with which values.
struct OptionReader {
  private(set) var given: [String: GivenOption] = [:]
  private(set) var diagnostics: [Diagnostic] = []
  private let file: SourceFile
  private let release: Release

  init(_ arguments: [LocatedText], in file: SourceFile, for release: Release) {
    (self.file, self.release) = (file, release)
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      if let unknown = argument.unknown {
        reportUnknown(unknown)
        continue
      }
      let text = argument.text
      guard text.hasPrefix("--"), text.utf8.count > 2 else {
        report(.unknownOption, "`\(text)` belongs to no option", at: argument.range)
        continue
      }
      let (name, attached) = Self.split(argument)
      guard let option = release.options[name.text] else {
        reportUnknownOption(name)
        while index < arguments.count, Self.isValue(arguments[index]) { index += 1 }
        continue
      }
      var values = attached.map { [$0] } ?? []
      if attached == nil {
        while index < arguments.count, values.count < option.takes.count.upperBound, Self.isValue(arguments[index]) {
          values.append(arguments[index])
          index += 1
        }
      }
      take(option, name, values)
    }
  }

  /// `--option=value` in its two parts.
  private static func split(_ argument: LocatedText) -> (name: LocatedText, value: LocatedText?) {
    guard let sign = argument.bytes.firstIndex(of: UInt8(ascii: "=")) else { return (argument, nil) }
    let name = String(decoding: argument.bytes[..<sign], as: UTF8.self)
    return (LocatedText(name, at: argument.range.start), argument.dropFirst(sign + 1))
  }

  /// Whether argparse takes it for a value: no option, and negative numbers are none.
  private static func isValue(_ argument: LocatedText) -> Bool {
    let text = argument.text
    return !text.hasPrefix("-") || text == "-" || Double(text) != nil
  }

  private mutating func take(_ option: CommandLineOption, _ name: LocatedText, _ values: [LocatedText]) {
    for value in values where value.unknown != nil { reportUnknown(value.unknown ?? value.range) }
    if values.count < option.takes.count.lowerBound || (values.count > 0 && option.takes.count == 0...0) {
      let count = option.takes.count
      let wanted = count == 0...0 ? "no value" : count.lowerBound == 1 ? "a value" : "\(count.lowerBound) values"
      report(.optionValue, "`\(name.text)` takes \(wanted), and has \(values.count)", at: name.range, path: name.text)
      return
    }
    for value in values where value.unknown == nil { check(value, option) }
    if let before = given[option.name] {
      diagnostics.append(
        Diagnostic(
          FieldRule.repeatedOption.code, .warning, "`\(name.text)` is given twice, and the last one counts",
          help: "remove one of them", path: name.text, at: SourceLocation(file, name.range),
          related: [RelatedPlace(name.text, "given here before", at: SourceLocation(file, before.name.range))]))
    }
    given[option.name] = GivenOption(option: option, name: name, values: values)
  }

  private mutating func check(_ value: LocatedText, _ option: CommandLineOption) {
    let text = value.text
    let fits =
      switch option.takes.kind {
      case .int: Int(text) != nil
      case .float: Double(text) != nil
      case .text: option.words.isEmpty || option.words.contains(text)
      }
    guard !fits else { return }
    let nearest = nearestName(to: text, among: option.words)
    let kind =
      switch option.takes.kind {
      case .int: "a whole number"
      case .float: "a number"
      case .text: "one of " + option.words.map { "`\($0)`" }.joined(separator: ", ")
      }
    report(
      .optionValue, "`\(option.name)` takes \(kind), not `\(text)`", at: value.range, path: option.name,
      help: nearest.map { "did you mean `\($0)`?" })
  }

  private mutating func reportUnknownOption(_ name: LocatedText) {
    let others = Release.all.filter { $0.options[name.text] != nil }.map { $0.megatronBridge }
    let dashed = "--" + name.text.dropFirst(2).map { $0 == "_" ? "-" : $0 }
    let help: String? =
      if !others.isEmpty {
        "Megatron-LM has it in the release of Megatron-Bridge \(others.joined(separator: ", "))"
      } else if release.options[dashed] != nil {
        "write `\(dashed)`: Megatron-LM's options have dashes"
      } else {
        nearestName(to: name.text, among: release.options.names).map { "did you mean `\($0)`?" }
      }
    report(
      .unknownOption, "the Megatron-LM of megatron-core \(release.megatronCore) has no option `\(name.text)`",
      at: name.range, path: name.text, help: help)
  }

  private mutating func reportUnknown(_ range: SourceRange) {
    diagnostics.append(
      Diagnostic(
        FieldRule.unknownVariable.code, .warning,
        "only a running shell knows what `\(file.text(in: range))` is; it is left out",
        help: "set it in the script, or write what it stands for", at: SourceLocation(file, range)))
  }

  private mutating func report(
    _ rule: FieldRule, _ message: String, at range: SourceRange, path: String = "", help: String? = nil
  ) {
    diagnostics.append(
      Diagnostic(rule.code, .error, message, help: help, path: path, at: SourceLocation(file, range)))
  }
}
