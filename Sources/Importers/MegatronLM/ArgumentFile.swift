package import ConfigDocument
import Diagnostics
import LaunchModel

/// A file that holds arguments of Megatron-LM, in whichever form.
package struct ArgumentFile {
  let file: SourceFile
  /// What the program is given, in order.
  private(set) var arguments: [LocatedText] = []
  /// What the launcher before it is given: torchrun's own options.
  private(set) var launcher: [LocatedText] = []
  /// The environment that the file sets for the run.
  private(set) var environment: [(name: String, value: LocatedText)] = []
  /// The word that names the program, or the beginning of the arguments.
  private(set) var place = SourceRange(0, 0)
  private(set) var diagnostics: [Diagnostic] = []

  // MARK: Recognition

  /// Whether a text is one of the forms, and no config: an argument list, a script, or the `MODEL_ARGS` of Megatron-LM's
  /// own tests.
  package static func recognises(_ document: ParsedDocument) -> Bool {
    if let root = document.root, !document.isUnreadable {
      if root["MODEL_ARGS"]?.entries != nil { return true }
      if let first = root.items?.first?.scalar?.text { return first.hasPrefix("--") }
      if root.entries != nil { return false }
    }
    return isScript(document.file)
  }

  private static func isScript(_ file: SourceFile) -> Bool {
    if [".sh", ".bash", ".sbatch", ".slurm"].contains(where: file.name.hasSuffix) { return true }
    let text = file.text
    // `---` begins a document of YAML.
    let beginsWithOption = text.hasPrefix("--") && !text.hasPrefix("---")
    return text.hasPrefix("#!") || beginsWithOption || text.contains("pretrain_gpt.py")
  }

  /// - Parameter document: one that ``recognises(_:)`` takes.
  package init(_ document: ParsedDocument) {
    file = document.file
    if let root = document.root, !document.isUnreadable {
      if let options = root["MODEL_ARGS"]?.entries {
        readOptions(options, root["ENV_VARS"]?.entries ?? [])
        return
      }
      if let items = root.items {
        arguments = items.compactMap { item in item.scalar.map { LocatedText(sourceOf: item, $0.text) } }
        place = root.range
        return
      }
    }
    let isList = Self.isOneArgumentALine(file)
    if isList { readLines() } else { readScript() }
  }

  // MARK: Forms

  /// Every line is one argument, with nothing to unquote.
  private static func isOneArgumentALine(_ file: SourceFile) -> Bool {
    guard file.text.hasPrefix("--") else { return false }
    return (1...file.lineCount).allSatisfy { number in
      let line = file.line(number).text
      return !line.hasSuffix("\\") && !(line.hasPrefix("--") && line.contains(" "))
    }
  }

  private mutating func readLines() {
    for number in 1...file.lineCount {
      let line = file.line(number)
      if line.text.isEmpty { continue }
      arguments.append(LocatedText(line.text, at: line.range.start))
    }
  }

  /// `--option: value` of a YAML mapping: true stands for the option alone, false for nothing.
  private mutating func readOptions(_ options: [Node.Entry], _ environment: [Node.Entry]) {
    place = options.first?.keyRange ?? place
    for option in options {
      let name = LocatedText(option.key, at: option.keyRange.start)
      let values = option.value.items ?? [option.value]
      let texts = values.compactMap(\.scalar).map(\.text)
      if texts == ["false"] || texts == ["null"] { continue }
      arguments.append(name)
      if texts == ["true"] { continue }
      for value in values {
        guard let text = value.scalar?.text else { continue }
        let located = LocatedText(sourceOf: value, text)
        if text.contains("${") || text.hasPrefix("$") {
          var unknown = LocatedText()
          unknown.appendUnknown(value.range)
          arguments.append(unknown)
        } else {
          arguments += text.hasPrefix("[") && text.hasSuffix("]") ? located.withoutEnds().words() : located.words()
        }
      }
    }
    self.environment = environment.compactMap { entry in
      entry.value.scalar.map { (entry.key, LocatedText(sourceOf: entry.value, $0.text)) }
    }
  }

  private mutating func readScript() {
    let script = ShellScript(file)
    if let (what, place) = script.unclosed {
      report(
        .argumentForm, "\(what) is not closed", at: place, help: "close it; all that follows is read as part of it")
    }
    if script.isTooLong {
      report(.argumentForm, "the variables of the script expand to too much text", at: place)
    }
    if let (command, program) = Self.program(of: script.commands) {
      launcher = Array(command[..<program])
      place = command[program].range
      arguments = Array(command[(program + 1)...])
    } else if let list = script.commands.first(where: { $0.first?.text.hasPrefix("--") == true }) {
      arguments = script.commands.filter { $0.first?.text.hasPrefix("--") == true }.flatMap(\.self)
      place = list[0].range
    } else {
      arguments = script.variables.flatMap { variable in Self.options(in: variable.value) }
      place = arguments.first?.range ?? place
    }
    if arguments.isEmpty {
      report(
        .argumentForm, "there is no call of a Python program with arguments, and no list of them", at: place,
        help: "name the script that calls pretrain_gpt.py")
    }
    environment = script.variables.compactMap { variable in
      guard case .scalar(let value) = variable.value, script.exported.contains(variable.name),
        Self.environmentPrefixes.contains(where: variable.name.hasPrefix), value.unknown == nil
      else { return nil }
      return (variable.name, value)
    }
  }

  /// Those whose variables change what a run does; the rest of an environment is the script's own affair.
  private static let environmentPrefixes = ["NCCL_", "NVTE_", "CUDA_", "TORCH_", "PYTORCH_", "UB_", "NVSHMEM_"]

  /// The command that calls a Python program with the most options, and the place of the program in it.
  private static func program(of commands: [[LocatedText]]) -> (command: [LocatedText], program: Int)? {
    let calls = commands.compactMap { command -> (command: [LocatedText], program: Int)? in
      guard let program = command.firstIndex(where: { $0.text.hasSuffix(".py") }) else { return nil }
      return (command, program)
    }
    return calls.max { Self.optionCount($0) < Self.optionCount($1) }
  }

  private static func optionCount(_ call: (command: [LocatedText], program: Int)) -> Int {
    call.command[call.program...].count { $0.text.hasPrefix("--") }
  }

  private static func options(in value: ShellScript.Value) -> [LocatedText] {
    let words =
      switch value {
      case .scalar(let text): text.words()
      case .array(let items): items
      }
    return words.first?.text.hasPrefix("--") == true ? words : []
  }

  private mutating func report(_ rule: FieldRule, _ message: String, at place: SourceRange, help: String? = nil) {
    diagnostics.append(
      Diagnostic(rule.code, .error, message, help: help, at: SourceLocation(file, place)))
  }
}

extension LocatedText {
  /// What a scalar of YAML or JSON says; a quoted one begins behind its quote.
  fileprivate init(sourceOf node: Node, _ text: String) {
    let isQuoted = node.scalar?.style == .quoted && node.range.end - node.range.start > text.utf8.count
    self.init(text, at: node.range.start + (isQuoted ? 1 : 0))
  }

  fileprivate func withoutEnds() -> LocatedText {
    LocatedText(text.dropFirst().dropLast(), at: range.start + 1)
  }
}
