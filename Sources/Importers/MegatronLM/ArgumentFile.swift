import ConfigDocument
import Diagnostics
import LaunchModel

/// A file that holds arguments of a training program, in whichever form.
struct ArgumentFile {
  private(set) var sources: ScriptSources
  private(set) var program = TrainingProgram.megatronLM
  /// What the program is given, in order.
  private(set) var arguments: [LocatedText] = []
  /// What the launcher before it is given: torchrun's own options.
  private(set) var launcher: [LocatedText] = []
  /// The environment that the file sets for the run.
  private(set) var environment: [(name: String, value: LocatedText)] = []
  /// The word that names the program, or the beginning of the arguments.
  private(set) var place = SourceRange(0, 0)
  /// Paths that the script sources and that cannot be read.
  private(set) var unreadable: [String] = []
  private(set) var diagnostics: [Diagnostic] = []

  /// - Parameters:
  ///   - document: one that ``recognises(_:)`` takes.
  ///   - sourcedTexts: what a script sources.
  init(_ document: ParsedDocument, sourcing sourcedTexts: @escaping SourcedTexts) {
    sources = ScriptSources(document.file)
    if let root = document.root, !document.isUnreadable {
      if root["MODEL_ARGS"]?.entries != nil || root.items != nil { diagnostics = Self.diagnostics(of: document) }
      if let options = root["MODEL_ARGS"]?.entries {
        readOptions(options, root["ENV_VARS"]?.entries ?? [])
        return
      }
      if let items = root.items {
        arguments = items.compactMap { item in item.scalar.map { LocatedText(sourceOf: item, $0.text) } }
        place = root.range
        program = Self.programOfList(arguments)
        return
      }
    }
    if Self.isOneArgumentALine(document.file) {
      readLines(of: document.file)
    } else {
      readScript(document.file, sourcedTexts)
    }
  }

  private static func diagnostics(of document: ParsedDocument) -> [Diagnostic] {
    document.diagnostics.map { diagnostic in
      var result = diagnostic
      // What reads such files takes one of the two, where a config must not have both.
      if result.code == DocumentRule.duplicateKey.code { result.severity = .warning }
      return result
    }
  }

  // MARK: Recognition

  /// Whether a text is one of the forms, and no config: an argument list, a script, or the `MODEL_ARGS` of Megatron-LM's
  /// own tests.
  static func recognises(_ document: ParsedDocument) -> Bool {
    if let root = document.root, !document.isUnreadable {
      if root["MODEL_ARGS"]?.entries != nil { return true }
      if let items = root.items {
        return items.first?.scalar?.text.hasPrefix("--") == true
          || BridgeOverrides.areMost(of: items.compactMap(\.scalar?.text))
      }
      if root.entries != nil { return false }
    }
    return isScript(document.file)
  }

  private static func isScript(_ file: SourceFile) -> Bool {
    if [".sh", ".bash", ".sbatch", ".slurm"].contains(where: file.name.hasSuffix) { return true }
    let text = file.text
    // `---` begins a document of YAML.
    let beginsWithOption = text.hasPrefix("--") && !text.hasPrefix("---")
    return text.hasPrefix("#!") || beginsWithOption || TrainingProgram.isNamed(in: text)
      || text.contains("MODEL_ARGS=(")
      || BridgeOverrides.areMost(of: text.split { " \t\r\n".contains($0) }.map(String.init))
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

  private mutating func readLines(of file: SourceFile) {
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
      var name = LocatedText(option.key, at: option.keyRange.start)
      if !option.key.hasPrefix("-") {
        report(
          "`\(option.key)` is no option: options begin with `--`", at: option.keyRange,
          help: "write `--\(option.key)`")
        // It is read as it is meant.
        var dashed = LocatedText("--", allAt: option.keyRange.start)
        dashed.append(name)
        name = dashed
      }
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
    program = Self.programOfList(arguments)
    self.environment = environment.compactMap { entry in
      entry.value.scalar.map { (entry.key, LocatedText(sourceOf: entry.value, $0.text)) }
    }
  }

  private mutating func readScript(_ file: SourceFile, _ sourcedTexts: @escaping SourcedTexts) {
    var script = ShellScript(file, sourcing: sourcedTexts)
    if Self.call(of: script.commands) == nil { script.callFunctionsThatNothingCalls() }
    (sources, unreadable) = (script.sources, script.unreadable)
    if let (what, place) = script.unclosed {
      let isQuote = what == "this quote"
      // Behind it nothing is what it looks like.
      return report(
        "\(what) is not closed", at: isQuote ? script.firstLongQuote ?? place : place,
        help: "close it; all that follows is read as part of it")
    }
    if let (what, place) = script.excess { report(what, at: place) }
    noteWhatRunningDecides(script)
    if let call = Self.call(of: script.commands) {
      program = call.program
      noteOtherCalls(than: call, in: script.commands)
      for place in script.strayOptions {
        report(
          "`\(sources.text(in: place))` stands where a command begins: the one before has ended", at: place,
          help: "a comment ends a command, and so does a blank behind the backslash at the end of a line")
      }
      launcher = Array(call.command[..<call.start])
      place = call.command[call.start].range
      arguments = Array(call.command[(call.start + 1)...])
    } else if let list = script.commands.first(where: { $0.first?.text.hasPrefix("--") == true }) {
      arguments = script.commands.filter { $0.first?.text.hasPrefix("--") == true }.flatMap(\.self)
      place = list[0].range
      program = Self.programOfList(arguments)
    } else if case let words = script.commands.flatMap(\.self), BridgeOverrides.areMost(of: words.map(\.text)) {
      (arguments, program) = (words, .bridge)
      place = words.first?.range ?? place
    } else {
      arguments = script.variables.flatMap { variable in Self.options(in: variable.value) }
      program = Self.programOfList(arguments)
      place = arguments.first?.range ?? place
    }
    if arguments.isEmpty, !script.isTooLong {
      report(
        "there is no call of a Python program with arguments, and no list of them", at: place,
        help: "name the script that calls pretrain_gpt.py")
    }
    readEnvironment(of: script)
  }

  /// The command that calls a training program with the most arguments.
  private static func call(
    of commands: [[LocatedText]]
  ) -> (program: TrainingProgram, command: [LocatedText], start: Int)? {
    let calls = commands.compactMap { command -> (program: TrainingProgram, command: [LocatedText], start: Int)? in
      var start = 0
      // What is printed is not run.
      guard let first = command.first?.text, first != "echo", first != "printf",
        let program = TrainingProgram(command: command, argumentsAt: &start)
      else { return nil }
      return (program, command, start)
    }
    return calls.max { $0.command.count - $0.start < $1.command.count - $1.start }
  }

  /// What takes a list of arguments that names no program.
  private static func programOfList(_ arguments: [LocatedText]) -> TrainingProgram {
    if BridgeOverrides.areMost(of: arguments.map(\.text)) { return .bridge }
    if arguments.contains(where: { MindSpeedOptions.isOne($0.text) }) { return .mindSpeed }
    let names = arguments.map { $0.text.prefix { $0 != "=" } }.filter { $0.hasPrefix("--") }
    let underscored = names.count { $0.contains("_") }
    return underscored > names.count { $0.dropFirst(2).contains("-") } ? .swift(.sft) : .megatronLM
  }

  /// Loops and branches that go by what only a running shell knows.
  private mutating func noteWhatRunningDecides(_ script: ShellScript) {
    for place in script.argumentLoops {
      diagnostics.append(
        Diagnostic(
          FieldRule.unknownVariable.code, .note,
          "this loop reads what the script itself is given, which is taken to be nothing",
          help: "write into the script what it is to be given", at: sources.location(of: place)))
    }
    for place in script.openChoices {
      diagnostics.append(
        Diagnostic(
          FieldRule.unknownVariable.code, .warning,
          "only a running shell knows what `\(sources.text(in: place))` is, which chooses between branches; the last one's "
            + "values count",
          help: "set it in the script, or write what it stands for", at: sources.location(of: place)))
    }
  }

  /// A loop that calls the program with other arguments each time.
  private mutating func noteOtherCalls(
    than call: (program: TrainingProgram, command: [LocatedText], start: Int), in commands: [[LocatedText]]
  ) {
    let place = call.command[call.start].range
    let calls = commands.compactMap { command -> [String]? in
      guard let other = Self.call(of: [command]), command[other.start].range == place else { return nil }
      return command[other.start...].map { $0.spelled(in: sources) }
    }
    guard Set(calls).count > 1 else { return }
    diagnostics.append(
      Diagnostic(
        FieldRule.argumentForm.code, .note,
        "this call runs with \(Set(calls).count) different lists of arguments; the longest one is read, and of such the first",
        help: "write the values of the one that is meant", at: sources.location(of: place)))
  }

  private static func options(in value: ShellScript.Value) -> [LocatedText] {
    let words =
      switch value {
      case .scalar(let text): text.words()
      case .array(let items): items
      case .table(let table): table.items.map(\.value)
      }
    return words.first?.text.hasPrefix("--") == true ? words : []
  }

  // MARK: Environment

  private mutating func readEnvironment(of script: ShellScript) {
    for variable in script.variables {
      guard case .scalar(let value) = variable.value, value.unknown == nil else { continue }
      // On which of a machine's GPUs it runs is the machine's affair.
      if variable.name == "CUDA_VISIBLE_DEVICES" { continue }
      if Self.launcherVariables.contains(variable.name) {
        environment.append((variable.name, value))
      } else if script.exported.contains(variable.name),
        Self.environmentPrefixes.contains(where: variable.name.hasPrefix)
      {
        environment.append((variable.name, value))
      }
    }
  }

  /// Those whose variables change what a run does; the rest of an environment is the script's own affair.
  private static let environmentPrefixes = ["NCCL_", "NVTE_", "CUDA_", "TORCH_", "PYTORCH_", "UB_", "NVSHMEM_"]

  /// Those that ms-swift starts its processes by.
  static let launcherVariables: Set<String> = ["NPROC_PER_NODE", "NNODES"]

  private mutating func report(_ message: String, at place: SourceRange, help: String? = nil) {
    diagnostics.append(
      Diagnostic(FieldRule.argumentForm.code, .error, message, help: help, at: sources.location(of: place)))
  }
}

extension LocatedText {
  /// What a scalar of YAML or JSON says; a quoted one begins behind its quote.
  init(sourceOf node: Node, _ text: String) {
    let isQuoted = node.scalar?.style == .quoted && node.range.end - node.range.start > text.utf8.count
    self.init(text, at: node.range.start + (isQuoted ? 1 : 0))
  }

  fileprivate func withoutEnds() -> LocatedText {
    LocatedText(text.dropFirst().dropLast(), at: range.start + 1)
  }
}
