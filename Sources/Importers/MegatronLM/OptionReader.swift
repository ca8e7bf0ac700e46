import Diagnostics
import LaunchModel
import Releases

/// An option of a command line as it was given.
struct GivenOption {
  let option: CommandLineOption
  let name: LocatedText
  let values: [LocatedText]

  var location: SourceRange { values.isEmpty ? name.range : values[0].range }

  /// What a switch is set to: the spelling `--no-…` of an option is its opposite.
  var flag: Bool? { name.text == "--no-" + option.name.dropFirst(2) ? option.sets.map { !$0 } : option.sets }

  /// Whether a part of its values that only a running shell knows leaves nothing to say.
  var isUnknown: Bool { !option.takesAnyText && values.contains { $0.unknown != nil } }
}

extension CommandLineOption {
  /// Whether its values are texts that nothing is read from, as paths and names are.
  fileprivate var takesAnyText: Bool {
    takes.kind == .text && words.isEmpty && !isLayerPattern && !isTuple && !Self.read.contains(name)
  }

  /// Those whose texts say numbers and layers.
  private static let read: Set<String> = [
    "--pipeline-model-parallel-layout", "--rampup-batch-size", "--num-layers-at-start-in-bf16", "--exit-signal",
    "--moe-router-load-balancing-type", "--recompute-modules", "--rerun-mode",
  ]
}

/// Takes arguments apart as the release's parser does: which option stands where, with which values.
struct OptionReader: ScriptReader {
  /// By the option's first spelling.
  private(set) var given: [String: GivenOption] = [:]
  /// Switches that ms-swift is told are off.
  private(set) var switchedOff: [String: GivenOption] = [:]
  /// What goes by the name of a field of Megatron-Core's, and by none of Megatron-LM's options.
  private(set) var named: [NamedValue] = []
  /// What the program has beside Megatron-LM's options.
  private(set) var own: [String: (name: LocatedText, values: [LocatedText])] = [:]
  var diagnostics: [Diagnostic] = []
  let sources: ScriptSources
  let unreadable: [String]
  private let program: TrainingProgram
  private let release: Release

  init(_ file: ArgumentFile, for release: Release) {
    (sources, unreadable, program, self.release) = (file.sources, file.unreadable, file.program, release)
    let arguments = file.arguments
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      if argument.text == "--", argument.unknown != nil {
        report(
          .unknownVariable, "only a running shell knows which option `\(argument.spelled(in: sources))` is",
          at: argument.range, help: "write the option's name")
        index = arguments[index...].firstIndex { !isValue($0) } ?? arguments.count
        continue
      }
      if let unknown = argument.unknown, !argument.text.hasPrefix("--") {
        if let file = unreadable.first, argument.bytes.isEmpty { reportUnreadable(file, unknown) }
        reportUnknown(unknown)
        continue
      }
      let text = argument.text
      if case .extended = program, !text.hasPrefix("-") {
        own[text] = (argument, [])
        continue
      }
      guard text.hasPrefix("--"), text.utf8.count > 2 else {
        report(.unknownOption, "`\(text)` belongs to no option", at: argument.range)
        continue
      }
      let (name, attached) = Self.split(argument)
      let option = isOwn(name.text) ? nil : release.options[optionName(name.text)]
      var values = attached.map { [$0] } ?? []
      if attached == nil {
        let most = option.map { isSwift ? max($0.takes.count.upperBound, 1) : $0.takes.count.upperBound } ?? Int.max
        while index < arguments.count, values.count < most, isValue(arguments[index]) {
          values.append(arguments[index])
          index += 1
        }
      }
      if let option {
        take(option, name, values)
      } else {
        takeOther(name, values)
      }
    }
  }

  private var isSwift: Bool {
    if case .swift = program { true } else { false }
  }

  /// Whether the program has an option of its own by a name that is Megatron-LM's, or comes near to one.
  private func isOwn(_ written: String) -> Bool {
    if program == .mindSpeed, optionName(written) != written { return false }
    return program.own.contains(String(written.dropFirst(2).map { $0 == "-" ? "_" : $0 }))
  }

  /// What Megatron-LM's parser calls an option.
  private func optionName(_ written: String) -> String {
    if program == .mindSpeed {
      return MindSpeedArguments.options[String(written.dropFirst(2))].map { "--" + $0 } ?? written
    }
    guard isSwift else { return written }
    let name = written.dropFirst(2).map { $0 == "-" ? "_" : $0 }
    return "--" + (SwiftArguments.options[String(name)] ?? String(name.map { $0 == "_" ? "-" : $0 }))
  }

  /// `--option=value` in its two parts.
  private static func split(_ argument: LocatedText) -> (name: LocatedText, value: LocatedText?) {
    guard let sign = argument.bytes.firstIndex(of: UInt8(ascii: "=")) else { return (argument, nil) }
    let name = String(decoding: argument.bytes[..<sign], as: UTF8.self)
    return (LocatedText(name, at: argument.range.start), argument.dropFirst(sign + 1))
  }

  /// Whether argparse takes it for a value: no option, and negative numbers are none.
  private func isValue(_ argument: LocatedText) -> Bool {
    let text = argument.text
    // A whole array that is not known may well be more options.
    if text.isEmpty, let unknown = argument.unknown, case let array = sources.text(in: unknown),
      !array.hasPrefix("${#"), array.contains("[@]") || array.contains("[*]")
    {
      return false
    }
    return !text.hasPrefix("-") || text == "-" || PythonNumber.isNegative(text) || text.contains(" ")
  }

  // MARK: Megatron-LM's options

  private mutating func take(_ option: CommandLineOption, _ name: LocatedText, _ values: [LocatedText]) {
    for value in values {
      if let unknown = value.unknown { reportUnknown(unknown, isKept: option.takesAnyText) }
    }
    if isSwift, option.takes.count == 0...0, values.count == 1 { return takeSwitch(option, name, values[0]) }
    // `--recompute_granularity none`, where Megatron-LM's way is not to give the option.
    if isSwift, values.map(\.text) == ["none"], !option.words.isEmpty, !option.words.contains("none"),
      let path = ArgumentSpelling(release, namesGPUs: false).path(ofKeys: [option.name])
    {
      named.append(NamedValue(path: path, name: name, value: LocatedText("null", allAt: values[0].range.start)))
      return
    }
    if values.count < option.takes.count.lowerBound || (values.count > 0 && option.takes.count == 0...0) {
      let count = option.takes.count
      let wanted = count == 0...0 ? "no value" : count.lowerBound == 1 ? "a value" : "\(count.lowerBound) values"
      report(.optionValue, "`\(name.text)` takes \(wanted), and has \(values.count)", at: name.range, path: name.text)
      return
    }
    if program == .mindSpeed, let word = values.first?.text {
      if let other = MindSpeedArguments.words[option.name]?[word] {
        given[option.name] = GivenOption(
          option: option, name: name, values: [LocatedText(other, allAt: values[0].range.start)])
        return
      }
      // A word for what Megatron-LM does not have.
      if MindSpeedArguments.ownWords[option.name]?.contains(word) == true {
        var whole = name
        whole.append(LocatedText(" " + word, allAt: name.range.start))
        own[option.destination] = (whole, values)
        return
      }
    }
    for value in values where value.unknown == nil { check(value, option, name) }
    reportRepetition(of: name, before: (given[option.name] ?? switchedOff[option.name])?.name)
    switchedOff[option.name] = nil
    given[option.name] = GivenOption(option: option, name: name, values: values)
  }

  /// `--sequence_parallel true`.
  private mutating func takeSwitch(_ option: CommandLineOption, _ name: LocatedText, _ value: LocatedText) {
    guard value.unknown == nil else { return }
    guard let isOn = SwiftArguments.flag(value.text) else {
      return report(
        .optionValue, "`\(name.text)` takes true or false, not `\(value.text)`", at: value.range, path: name.text)
    }
    reportRepetition(of: name, before: (given[option.name] ?? switchedOff[option.name])?.name)
    let said = GivenOption(option: option, name: name, values: [])
    (given[option.name], switchedOff[option.name]) = isOn ? (said, nil) : (nil, said)
  }

  private mutating func reportRepetition(of name: LocatedText, before: LocatedText?) {
    guard let before else { return }
    diagnostics.append(
      Diagnostic(
        FieldRule.repeatedOption.code, .warning, "`\(name.text)` is given twice, and the last one counts",
        help: "remove one of them", path: name.text, at: sources.location(of: name.range),
        related: [RelatedPlace(name.text, "given here before", at: sources.location(of: before.range))]))
  }

  private mutating func check(_ value: LocatedText, _ option: CommandLineOption, _ name: LocatedText) {
    let text = value.text
    let fits =
      switch option.takes.kind {
      case .int: PythonNumber.int(text).map { option.words.isEmpty || option.words.contains("\($0)") } ?? false
      case .float: PythonNumber.float(text) != nil
      case .text: option.words.isEmpty || option.words.contains(text)
      }
    guard !fits else { return }
    let nearest = option.takes.kind == .text ? nearestName(to: text, among: option.words) : nil
    let kind =
      switch option.takes.kind {
      case .int where !option.words.isEmpty: "one of " + option.words.joined(separator: ", ")
      case .int: "a whole number"
      case .float: "a number"
      case .text: "one of " + option.words.map { "`\($0)`" }.joined(separator: ", ")
      }
    report(
      .optionValue, "`\(option.name)` takes \(kind), not `\(text)`", at: value.isEmpty ? name.range : value.range,
      path: option.name,
      help: nearest.map { "did you mean `\($0)`?" })
  }

  // MARK: Other options

  /// An option that the release's parser does not have: another program's own, or a slip.
  private mutating func takeOther(_ name: LocatedText, _ values: [LocatedText]) {
    let spelled = name.text.dropFirst(2)
    let field = String(spelled.map { $0 == "-" ? "_" : $0 })
    if isSwift, let path = NamedValue.path(field, in: release) {
      if let value = values.first, value.unknown == nil {
        named.append(NamedValue(path: path, name: name, value: value))
      }
      return
    }
    if isOwn(name.text) {
      own[field] = (name, values)
      return
    }
    let isSlip = typo(optionName(name.text), among: release.options.names).map { $0 != optionName(name.text) } ?? false
    guard program == .megatronLM || program == .mindSpeed || isSlip else {
      reportRepetition(of: name, before: own[field]?.name)
      own[field] = (name, values)
      return
    }
    // A program that nobody knows may have an option with such a name, and another version of one that is known, too.
    var severity = Severity.error
    if case .extended = program { severity = .warning }
    if program == .mindSpeed, !isSlip { severity = .warning }
    reportUnknownOption(name, severity)
    if severity == .warning { own[field] = (name, values) }
  }

  private mutating func reportUnknownOption(_ name: LocatedText, _ severity: Severity) {
    let wanted = optionName(name.text)
    let others = Release.all.filter { $0.options[wanted] != nil }.map { $0.megatronBridge }
    let dashed = "--" + name.text.dropFirst(2).map { $0 == "_" ? "-" : $0 }
    let help: String? =
      if !others.isEmpty {
        "Megatron-LM has it in the release of Megatron-Bridge \(others.joined(separator: ", "))"
      } else if release.options[dashed] != nil {
        "write `\(dashed)`: Megatron-LM's options have dashes"
      } else {
        nearestName(to: wanted, among: release.options.names).map { nearest in
          "did you mean `\(isSwift ? "--" + nearest.dropFirst(2).map { $0 == "-" ? "_" : $0 } : nearest)`?"
        }
      }
    let message =
      program == .megatronLM
      ? "the Megatron-LM of megatron-core \(release.megatronCore) has no option `\(name.text)`"
      : "neither \(program.name) nor the Megatron-LM of megatron-core \(release.megatronCore) is known to have "
        + "`\(name.text)`"
    report(.unknownOption, message, at: name.range, path: name.text, help: help, severity)
  }

  /// Whole lists of options are not known, so that nobody knows what is missing.
  private mutating func reportUnreadable(_ file: String, _ range: SourceRange) {
    guard !diagnostics.contains(where: { $0.code == FieldRule.extends.code }) else { return }
    report(
      .extends,
      "`\(file)`, which the script sources, cannot be read, and `\(sources.text(in: range))` is not set without it",
      at: range, help: "put the file where the script looks for it, relative to the script's own folder")
  }
}

/// A value that goes by the name of a field.
struct NamedValue {
  let path: FieldPath
  let name: LocatedText
  let value: LocatedText

  /// The field of a name that Megatron-Core's classes have, in whichever section; nothing of the sections that are not
  /// about training.
  static func path(_ name: String, in release: Release) -> FieldPath? {
    let sections = [
      Path.parallelism.whole, Path.recompute.whole, Path.model.whole, Path.optimizer.whole, Path.scheduler.whole,
      Path.ddp.whole, Path.train.whole, Path.mixedPrecision.whole,
    ]
    for section in sections {
      guard let schema = LaunchConfig.section(named: section.section)?.schema, schema.hasField(named: name, in: release)
      else { continue }
      return FieldPath(section.section, schema.identity(of: name))
    }
    return nil
  }
}
