import LaunchModel

/// A program that trains on Megatron-Core, by how its command line is written.
enum TrainingProgram: Hashable, Sendable {
  /// Megatron-LM's own, which takes the options of its parser and no others.
  case megatronLM
  /// A program that adds options of its own to Megatron-LM's parser; by its name.
  case extended(String)
  /// MindSpeed-LLM's, which does the same for NPUs.
  case mindSpeed
  /// slime, which does the same, and brings data and the length of the run.
  case slime
  /// ms-swift's `megatron sft`: options with underscores and `true` or `false`, over a model that it reads itself.
  case swift(TrainingMode)
  /// verl: overrides of its own configuration, over a model that it reads itself.
  case verl
  /// A program that lays overrides over a recipe of Megatron-Bridge.
  case bridge

  /// Whether a command line says everything: what it leaves out has Megatron-LM's default.
  var saysAll: Bool {
    switch self {
    case .megatronLM, .extended, .mindSpeed, .slime: true
    case .swift, .verl, .bridge: false
    }
  }

  /// Whether it takes `path=value` where others take options.
  var takesOverrides: Bool { self == .verl || self == .bridge }

  /// Options of its own whose names are Megatron-LM's, or come near to them.
  var own: Set<String> {
    switch self {
    case .swift: SwiftArguments.own
    case .mindSpeed: MindSpeedOptions.own
    case .slime: ["opd_type"]
    case .megatronLM, .extended, .verl, .bridge: []
    }
  }

  /// What messages call it.
  var name: String {
    switch self {
    case .megatronLM: "Megatron-LM"
    case .extended(let program): "`\(program)`"
    case .mindSpeed: "MindSpeed"
    case .slime: "slime"
    case .swift: "ms-swift"
    case .verl: "verl"
    case .bridge: "Megatron-Bridge"
    }
  }
}

extension TrainingProgram {
  /// The program that a command calls, with the place of the word behind which its arguments begin.
  init?(command: [LocatedText], argumentsAt start: inout Int) {
    let words = command.map(\.text)
    if let word = words.firstIndex(where: { $0 == "megatron" || $0.hasSuffix("/megatron") }), word + 1 < words.count,
      let mode = Self.swiftModes[words[word + 1]]
    {
      start = word + 1
      self = .swift(mode)
      return
    }
    if let module = words.firstIndex(where: { word in Self.verlModules.contains { word.hasPrefix($0) } }) {
      start = module
      self = .verl
      return
    }
    guard let program = words.firstIndex(where: { $0.hasSuffix(".py") }) ?? Self.module(in: words) else { return nil }
    start = program
    let (name, arguments) = (words[program].split(separator: "/").last.map(String.init) ?? "", words[(program + 1)...])
    if name == "swift_megatron.py" || words[program].contains("cli/_megatron/") {
      self = .swift(Self.swiftModes[String(name.dropLast(3))] ?? .sft)
    } else if name.hasPrefix("posttrain_gpt")
      || name.hasPrefix("pretrain_") && arguments.contains(where: MindSpeedOptions.isOne)
    {
      self = .mindSpeed
    } else if name.hasPrefix("pretrain_gpt") {
      self = .megatronLM
    } else if words[program].hasPrefix("verl/trainer/") || words[program].contains("/verl/trainer/") {
      self = .verl
    } else if arguments.contains(where: { $0.hasPrefix("actor_rollout_ref.") }) {
      self = .verl
    } else if arguments.contains(where: { Self.slimeOptions.contains($0) }) {
      self = .slime
    } else if arguments.contains(where: BridgeOverrides.isOne) {
      self = .bridge
    } else {
      self = .extended(name)
    }
  }

  /// What `torchrun -m pretrain_gpt` runs.
  private static func module(in words: [String]) -> Int? {
    words.indices.dropFirst().first { words[$0 - 1] == "-m" && words[$0].hasPrefix("pretrain_") }
  }

  /// Whether a text without a script's form calls one of them all the same: it names one as only a call does.
  static func isNamed(in text: String) -> Bool {
    let calls = ["pretrain_gpt.py"] + swiftModes.keys.map { "megatron \($0)" } + verlModules.map { $0 + "main_" }
    return calls.contains(where: text.contains)
  }

  private static let verlModules = ["verl.trainer.", "verl.experimental."]

  private static let swiftModes: [String: TrainingMode] = [
    "pt": .pretrain, "sft": .sft, "rlhf": .sft, "main": .sft,
  ]

  /// Two of those that every run of slime has.
  private static let slimeOptions: Set<String> = [
    "--hf-checkpoint", "--actor-num-gpus-per-node", "--rollout-batch-size",
  ]
}
