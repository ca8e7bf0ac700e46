// Times validation: validation-benchmark [seconds a config [part of its name]]
//
// From a resolved config to its findings, on one core, in processor time: for every shipped recipe, every model preset,
// and pipelines with and without virtual stages. Prints one line a config, fastest of five rounds, and how each
// compares with the first.

import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Validation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// A config to validate again and again.
struct Subject {
  let name: String
  let config: LaunchConfig

  init?(
    _ recipeName: String, model: ModelPreset? = nil, peft: PEFTScheme? = nil, _ changes: [String: ConfigValue] = [:]
  ) {
    guard let recipe = RecipeBook.shipped.recipe(named: recipeName) else { return nil }
    let model = model ?? recipe.defaults.model
    var layer = Layer(name: "changes")
    for (path, value) in changes {
      let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
      layer.assign(FieldPath(parts[0], parts[1]), value, .program)
    }
    config = LaunchConfig.resolve([recipe.layer(RecipeChoices(model: model, peft: peft)), layer])
    let shown = changes.filter { $0.key.hasSuffix("_size") }.sorted { $0.key < $1.key }
      .map { "\($0.key.split(separator: ".").last?.prefix(1).uppercased() ?? "")P\(Self.text($0.value))" }
    name = ([recipeName] + [peft.map { "\($0)" }, "\(model.name)"].compactMap { $0 } + shown).joined(separator: " ")
  }

  private static func text(_ value: ConfigValue) -> String {
    if case .int(let number) = value { "\(number)" } else { "\(value)" }
  }

  /// Validations a second.
  func rate(seconds: Double) -> Double {
    var best = 0.0
    for _ in 0..<5 {
      var count = 0
      let began = processorSeconds()
      var passed = 0.0
      while passed < seconds / 5 {
        for _ in 0..<50 { blackHole &+= Validator.findings(RunFacts(config)).count }
        count += 50
        passed = processorSeconds() - began
      }
      best = max(best, Double(count) / passed)
    }
    return best
  }
}

// Keeps the work from being left out.
nonisolated(unsafe) var blackHole = 0

let pipeline: [String: ConfigValue] = [
  "cluster.num_nodes": 4, "parallelism.pipeline_model_parallel_size": 4,
]
let interleaved = pipeline.merging(["parallelism.virtual_pipeline_model_parallel_size": 2]) { $1 }
let written = pipeline.merging(["parallelism.pipeline_model_parallel_layout": "Et*7|t*7|t*7|t*6L"]) { $1 }
let deep: [String: ConfigValue] = [
  "cluster.num_nodes": 64, "parallelism.pipeline_model_parallel_size": 16,
  "parallelism.expert_model_parallel_size": 16,
]
let pretrain = "moonlight_16b_pretrain_config"
let finetune = "moonlight_16b_finetune_config"
let base: [String: ConfigValue] = ["checkpoint.pretrained_checkpoint": "/checkpoints/moonlight"]
let subjects: [Subject] = [
  Subject(pretrain), Subject(pretrain, written), Subject(pretrain, pipeline), Subject(pretrain, interleaved),
  Subject("moonlight_16b_pretrain_muon_config"),
  Subject(finetune, base), Subject(finetune, peft: .lora, base), Subject(finetune, peft: .dora, base),
  Subject(finetune, peft: .lora, base.merging(pipeline) { $1 }),
  Subject("moonlight_tiny_pretrain_config"), Subject("moonlight_tiny_finetune_config", peft: .lora),
  Subject(pretrain, model: .moonlight16BA3BDocumented), Subject(pretrain, model: .deepSeekV2Lite),
  Subject(pretrain, model: .kimiK2, deep), Subject(pretrain, model: .deepSeekV3, deep),
].compactMap { $0 }

let arguments = CommandLine.arguments.dropFirst()
let seconds = arguments.first.flatMap(Double.init) ?? 2
let wanted = arguments.dropFirst().first ?? ""
var first = 0.0
for subject in subjects where wanted.isEmpty || subject.name.contains(wanted) {
  let rate = subject.rate(seconds: seconds)
  if first == 0 { first = rate }
  let errors = Validator.findings(RunFacts(subject.config)).count { $0.severity == .error }
  let percent = Int((rate / first * 100).rounded())
  print("\(Int(rate)) validations/s  \(percent)%  \(subject.name)\(errors > 0 ? "  (\(errors) errors)" : "")")
}
