import ConfigDocument
import Exporters
import LaunchModel
import Releases
import Testing

/// What a target cannot honour is one clear line, and nothing is written.
@Suite struct ProblemTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let example: String
    let settings: [String]
    let path: String
    let words: String
    let release: Release
    var testDescription: String { settings.joined(separator: " ") }

    init(
      _ settings: [String], _ path: String, _ words: String, in example: String = "pretrain",
      for release: Release = .current
    ) {
      (self.settings, self.path, self.words) = (settings, path, words)
      (self.example, self.release) = (example, release)
    }
  }

  @Test(arguments: [
    Case(["cluster.account=null"], "cluster.account", "is not set"),
    Case(["cluster.container_image=null"], "cluster.container_image", "is not set"),
    Case(["cluster.container_runtime=docker"], "cluster.container_runtime", "Slurm does not start Docker"),
    Case(["cluster.time_limit=tomorrow"], "cluster.time_limit", "`tomorrow` is no time"),
    Case(["cluster.time_limit=\"1:2:3:4\""], "cluster.time_limit", "is no time"),
    Case(["cluster.requeue=true"], "cluster.time_limit", "is not set"),
    Case(
      ["cluster.requeue=true", "cluster.time_limit=\"60\"", "train.exit_signal_handler=false"],
      "train.exit_signal_handler",
      "would lose"),
    Case(
      ["cluster.requeue=true", "cluster.time_limit=\"60\"", "checkpoint.save=null"], "cluster.requeue",
      "needs checkpoint.save"),
    Case(["cluster.sbatch_options=[-x]"], "cluster.sbatch_options", "`-x` is no option"),
    Case(["cluster.gpu_request=none", "cluster.gpu_type=h100"], "cluster.gpu_type", "has no effect"),
    Case(["cluster.container_mounts=[data]"], "cluster.container_mounts", "`data` is no mount"),
    Case(["cluster.container_mounts=[\"/a,b\"]"], "cluster.container_mounts", "is no mount"),
    Case(
      ["cluster.container_image=none", "cluster.container_mounts=[/a]"], "cluster.container_mounts", "no container"),
    Case(["cluster.container_image=--privileged"], "cluster.container_image", "as an option"),
    Case(["cluster.account=\"a\\nb\""], "cluster.account", "`a\\nb` holds a line break"),
    Case(["recipe.name=\"a\\nb\""], "recipe.name", "holds a line break"),
    Case(["checkpoint.save=\"/a\\n#SBATCH --x\""], "checkpoint.save", "holds a line break"),
    Case(["dataset.data_paths=[\"a\\tb\"]"], "dataset.data_paths", "control character"),
    Case(["cluster.sbatch_options=[\"--a=b\\n--c\"]"], "cluster.sbatch_options", "holds a line break"),
    Case(["env_vars.RANK=\"1\""], "env_vars.RANK", "belongs to torchrun"),
    Case(["env_vars.A-B=x"], "env_vars.A-B", "cannot be the name"),
    Case(["tokenizer.tokenizer_type=ByteLevelTokenizer"], "tokenizer.tokenizer_type", "CPU engine"),
    Case(["dataset.dataset_name=dolly"], "dataset.dataset_name", "not of `dolly`", in: "lora", for: .bridge031),
    Case(["dataset.dataset_name=null"], "dataset.data_paths", "no examples", in: "lora"),
    Case(
      ["dataset.process_example_fn=\"os; system\""], "dataset.process_example_fn", "is not the name", in: "lora",
      for: .bridge031),
    Case(
      ["tokenizer.hf_tokenizer_kwargs={_target_: os.system, _args_: [id]}"], "tokenizer.hf_tokenizer_kwargs", "run code"
    ),
    Case(["logger.wandb_project=\"???\""], "logger.wandb_project", "missing value"),
  ])
  func slurm(_ broken: Case) throws {
    let config = try ExportCase.named(broken.example, for: broken.release).onCluster(broken.settings)
    try check(LaunchPlan.plan(for: config, launcher: SlurmLauncher(), directory: "launch").problems, broken)
  }

  @Test(arguments: [
    Case(["cluster.requeue=true", "cluster.time_limit=\"60\""], "cluster.requeue", "torchrun has no queue"),
    Case(
      ["cluster.container_image=x", "cluster.container_runtime=pyxis"], "cluster.container_runtime", "plugin of Slurm"),
  ])
  func torchrun(_ broken: Case) throws {
    let config = try ExportCase.named(broken.example, for: broken.release).config.with(broken.settings)
    try check(LaunchPlan.plan(for: config, launcher: TorchrunLauncher(), directory: "launch").problems, broken)
  }

  @Test(arguments: [
    Case([], "recipe.mode", "only pretrains", in: "lora"),
    Case(["model.max_position_embeddings=2048"], "model.max_position_embeddings", "below seq_length"),
    Case(["checkpoint.save_interval=null"], "checkpoint.save_interval", "without an interval"),
    Case(["train.rampup_batch_size=[16, 16, 1000]"], "train.rampup_batch_size", "counted in samples"),
    Case(["model.rotary_base=10000.5"], "model.rotary_base", "only whole numbers"),
    Case(["model.activation_func=relu"], "model.activation_func", "no option for relu"),
    Case(["recompute.recompute_method=uniform"], "recompute.recompute_method", "selective"),
    Case(["dataset.dataloader_type=batch"], "dataset.dataloader_type", "no `batch`"),
    Case(["tokenizer.tokenizer_type=null"], "tokenizer.tokenizer_type", "is not set"),
    Case(["model.rotary_scaling_factor=40", "model.beta_fast=16"], "model.beta_fast", "changes the model"),
    Case([], "model.beta_fast", "changes the model", in: "kimi-k2-muon"),
    Case(["model.softmax_scale=0.1"], "model.softmax_scale", "decides what is trained"),
    Case(["optimizer.optimizer=muon"], "ddp.use_distributed_optimizer", "whole matrices over the replicas"),
    Case(["optimizer.decoupled_weight_decay=false"], "optimizer.decoupled_weight_decay", "decides what is trained"),
    Case(["dataset.random_seed=7"], "dataset.random_seed", "the run's seed, 1234"),
    Case(["train.exit_signal=63"], "train.exit_signal", "a signal by its name"),
    Case(
      ["rerun_state_machine.rerun_mode=report_determinism_stats"], "rerun_state_machine.rerun_mode", "has no mode"),
  ])
  func megatronLM(_ broken: Case) throws {
    let config = try ExportCase.named(broken.example, for: broken.release).config.with(broken.settings)
    try check(MegatronLMArguments.arguments(of: config).problems, broken)
  }

  private func check(_ problems: [ExportProblem], _ broken: Case) throws {
    let problem = try #require(problems.first { $0.path.description == broken.path }, "\(problems)")
    #expect(problem.message.text.contains(broken.words), "\(problem.message)")
    #expect(!unfitForOneLine(problem.description))
  }

  @Test(arguments: [
    ("60", true), ("60:30", true), ("4:00:00", true), ("2-12", true), ("2-12:00:00", true), ("", false), ("-", false),
    ("1-", false), ("4h", false), ("4:", false), ("1:2:3:4", false), ("٣", false),
  ])
  func timeLimits(text: String, isTime: Bool) throws {
    let config = LaunchConfig.resolve([
      try ExportCase.named("pretrain").onCluster().layer,
      Layer(name: "time", assignments: [.init(Path.cluster.timeLimit, .string(text), .program)]),
    ])
    let problems = LaunchPlan.plan(for: config, launcher: SlurmLauncher(), directory: "launch").problems
    #expect(problems.contains { $0.path == Path.cluster.timeLimit } != isTime)
  }
}
