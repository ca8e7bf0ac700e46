import ArgumentParser
import CommandSupport
import ConfigDocument
import LaunchModel
import Reporting

/// `moonlight generate`: a config from a recipe.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Writes a launch config from a recipe.",
    discussion: """
      Every value that is not given comes from the recipe, and what follows from others (pipeline layout, decay steps, \
      paths) is derived after all flags. A config that Megatron would refuse is not written.

      EXAMPLES
        moonlight generate pretrain --data-paths /data/pile.jsonl --dir /results -o pretrain.yaml
        moonlight generate finetune --peft lora --pretrained-checkpoint /ckpt/iter_0500000 -o lora.yaml
      """,
    subcommands: [GeneratePretrain.self, GenerateFinetune.self])
}

/// `moonlight generate pretrain`.
struct GeneratePretrain: GenerateCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretrain",
    abstract: "Writes a config for pretraining.",
    discussion: """
      EXAMPLES
        moonlight generate pretrain --name run1 --dir /results --data-paths /data/pile.jsonl \\
          --train-iters 500000 --global-batch-size 2048 --seq-length 4096 -o pretrain.yaml
        moonlight generate pretrain --num-nodes 8 --pipeline-model-parallel-size 4 --layout balanced
        moonlight generate pretrain --recipe moonlight_16b_pretrain_muon_config --lr 4.2e-4
        moonlight generate pretrain --recipe moonlight_tiny_pretrain_config --mock --set train.micro_batch_size=2
      """)

  @OptionGroup(title: "RECIPE") var recipe: RecipeOptions
  @OptionGroup(title: "DATA") var data: DataOptions
  @OptionGroup(title: "PARALLELISM") var parallelism: ParallelismOptions
  @OptionGroup(title: "TRAINING") var training: TrainingOptions
  @OptionGroup(title: "OUTPUT") var overrides: OverrideOptions
  @OptionGroup(title: "OUTPUT") var output: ConfigOutputOptions
  @OptionGroup(title: "OUTPUT") var overwriting: OverwriteOptions

  @Option(help: ArgumentHelp("Peak learning rate.", valueName: "rate"))
  var lr: Double?

  func run(in session: Session) throws -> ExitStatus {
    let generator = try ConfigGenerator(
      self, mode: .pretrain, defaultRecipe: "moonlight_16b_pretrain_config", session)
    let generated = try generator.generate { flags in
      flags.set("--lr", Path.optimizer.lr, lr.map { .float($0) })
    }
    return try session.deliver(generated, of: self)
  }
}

/// `moonlight generate finetune`.
struct GenerateFinetune: GenerateCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Writes a config for finetuning: LoRA, DoRA or all weights.",
    discussion: """
      EXAMPLES
        moonlight generate finetune --peft lora --tokenizer-path moonshotai/Moonlight-16B-A3B \\
          --pretrained-checkpoint /ckpt/iter_0500000 --finetune-lr 1e-4 -o lora.yaml
        moonlight generate finetune --peft none --pretrained-checkpoint /ckpt/iter_0500000 -o sft.yaml
        moonlight generate finetune --peft dora --pretrained-checkpoint /ckpt --set peft.dim=16
      """)

  @OptionGroup(title: "RECIPE") var recipe: RecipeOptions
  @OptionGroup(title: "DATA") var data: DataOptions
  @OptionGroup(title: "PARALLELISM") var parallelism: ParallelismOptions
  @OptionGroup(title: "TRAINING") var training: TrainingOptions
  @OptionGroup(title: "OUTPUT") var overrides: OverrideOptions
  @OptionGroup(title: "OUTPUT") var output: ConfigOutputOptions
  @OptionGroup(title: "OUTPUT") var overwriting: OverwriteOptions

  @Option(help: "Adapters to train, or `none` for all weights.")
  var peft: PEFTChoice?

  @Option(help: ArgumentHelp("The weights to start from.", valueName: "path"))
  var pretrainedCheckpoint: String?

  @Option(
    name: [.customLong("finetune-lr"), .customLong("lr")], help: ArgumentHelp("Peak learning rate.", valueName: "rate"))
  var finetuneLR: Double?

  @Flag(help: "Packs examples to the sequence length.")
  var packedSequence = false

  func run(in session: Session) throws -> ExitStatus {
    let generator = try ConfigGenerator(
      self, mode: .peft, defaultRecipe: "moonlight_16b_finetune_config", peft: peft, session)
    let generated = try generator.generate { flags in
      flags.set("--finetune-lr", Path.optimizer.lr, finetuneLR.map { .float($0) })
      flags.set(
        "--pretrained-checkpoint", Path.checkpoint.pretrainedCheckpoint, pretrainedCheckpoint.map { .string($0) })
      if packedSequence {
        flags.set("--packed-sequence", Path.dataset.packedSequenceSize, .int(generator.sequenceLength(flags)))
      }
    }
    return try session.deliver(generated, of: self)
  }
}

/// What `--peft` takes.
enum PEFTChoice: String, ArgumentWord {
  case lora, dora, none

  var scheme: PEFTScheme? {
    switch self {
    case .lora: .lora
    case .dora: .dora
    case .none: nil
    }
  }
}

extension ConfigGenerator {
  /// The model's sequence length with the flags so far and `--set`.
  func sequenceLength(_ flags: FlagLayer) -> Int {
    draft(flags).config.model.seqLength
  }
}

extension Session {
  /// Writes a config, unless it has errors and nobody insists.
  fileprivate func deliver(
    _ generated: ConfigGenerator.Generated, of command: some GenerateCommand
  ) throws -> ExitStatus {
    let options = command.output
    let report = FileReport(
      name: "the config", diagnostics: generated.diagnostics.filter { $0.severity != .note }, derived: nil)
    if !report.diagnostics.isEmpty {
      console.complain(TextReport(style: console.errorStyle, width: console.width).text(of: report.diagnostics) + "\n")
    }
    if command.overrides.overrides.hasUsageError { return .usage }
    if !report.isAccepted, !options.allowInvalid {
      console.complain(
        CommandFailure(
          "nothing was written: the config has \(counted(report.count(of: .error), "error"))",
          help: "`--allow-invalid` writes it all the same", status: .failure))
      return .failure
    }
    let text = try ConfigText(config: generated.config, arguments: arguments).text(as: options.resolvedFormat)
    try write(generated: text, to: options.output, force: command.overwriting.force)
    if report.isAccepted, let note = SlowLayoutNote.text(for: generated.config) { console.complain(note) }
    return .success
  }
}

/// `1 error`, `2 errors`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
