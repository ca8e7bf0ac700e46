package import LaunchModel
import Releases

/// What a launch runs: one command on every node, its environment, and the files it needs.
///
/// Launchers write plans down, and the trainer runs the same plan without a file, so both run the same.
package struct LaunchPlan: Sendable {
  /// A part of a run that can be asked for by name.
  package enum Step: String, CaseIterable, Sendable, Comparable {
    /// Makes Megatron's data files of JSONL.
    case prepare
    /// Converts the Hugging Face checkpoint that finetuning starts from.
    case `import`
    case train
    /// Converts the last checkpoint to Hugging Face's form.
    case export

    /// Whether it runs on all nodes, rather than on one.
    package var isOnEveryNode: Bool { self == .train }

    /// Whether a step comes before another one.
    package static func < (left: Step, right: Step) -> Bool {
      allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
    }
  }

  package struct Variable: Hashable, Sendable {
    package let name: String
    package let value: String
  }

  /// Set before anything runs, in this order.
  package let environment: [Variable]
  /// Lines of shell that run before a step, as the user wrote them; none of them can swallow what follows.
  package let setup: [String]
  /// The command of each step.
  package let commands: [(step: Step, words: [ShellWord])]
  /// What each of them leaves behind; a step that is not here runs whenever it is its turn.
  package let results: [Step: StepResult]
  /// Where the files are, as the commands see it.
  package let directory: String
  /// The config, the Python programs, and what pip installs for them.
  package let files: [ExportedFile]
  /// Whether the steps run in a container.
  package let isContained: Bool
  /// What has to be there before `train`, as its processes see it.
  package let prerequisites: [Prerequisite]

  /// A file or folder that training reads.
  package struct Prerequisite: Hashable, Sendable {
    package let field: FieldPath
    package let path: String
    /// The step that makes it; `nil` where none does.
    package let step: Step?
  }

  /// The names of its steps, in their order.
  var stepNames: String { commands.map(\.step.rawValue).joined(separator: ", ") }

  /// The command of a step; `nil` where the run has no such step.
  package func command(_ step: Step) -> [ShellWord]? { commands.first { $0.step == step }?.words }

  /// A command with its variables filled in: what `exec` takes.
  ///
  /// - Parameter variables: the process's environment; `NODE_RANK` and `MASTER_ADDR` come from it on more than one node.
  /// - Throws: the name of a variable that is missing.
  package func arguments(_ step: Step, _ variables: [String: String]) throws(MissingVariable) -> [String]? {
    guard let words = command(step) else { return nil }
    var all = variables
    all["launch_dir"] = directory
    var result = setup.isEmpty ? [] : Self.behindSetup(setup)
    for word in words {
      switch word.value(all) {
      case .success(let argument): result.append(argument)
      case .failure(let missing): throw missing
      }
    }
    return result
  }

  /// What runs a command after lines of shell; the command's words follow.
  package static func behindSetup(_ setup: [String]) -> [String] {
    ["bash", "-c", (["set -euo pipefail"] + evaluated(setup) + [#"exec "$@""#]).joined(separator: "\n"), "bash"]
  }

  /// Lines of shell as arguments of `eval`, so that one that is no valid shell cannot swallow what follows it.
  static func evaluated(_ setup: [String]) -> [String] { setup.map { "eval \(shellQuoted($0))" } }
}

extension LaunchPlan {
  /// The plan for a config.
  ///
  /// - Parameters:
  ///   - config: resolved and without errors.
  ///   - directory: where the files of the launch will be.
  ///   - only: the one step of it; all of them if `nil`.
  package static func plan(
    for config: LaunchConfig, launcher: any Launcher, directory: String, only: Step? = nil
  ) -> Exported<LaunchPlan> {
    var remarks = ExportRemarks()
    let settings = LaunchSettings(config, launcher, directory: directory, &remarks)
    let bridge = BridgeConfig.yaml(of: config, for: .launch(base: settings.importedBase))
    let commands = settings.commands.filter { only == nil || $0.step == only }
    if commands.isEmpty, let only {
      let names = settings.commands.map(\.step.rawValue).joined(separator: ", ")
      remarks.problem(Path.recipe.mode, "the run has no step `\(only.rawValue)`", help: "its steps are \(names)")
    }
    let programs =
      [PythonPrograms(release: config.release).common]
      + settings.programs.filter { only == nil || $0.step == only }.map(\.file)
    let files =
      [ExportedFile(FileName.config, bridge.value)] + programs
      + [ExportedFile(FileName.requirements, config.release.requirements)]
    let plan = LaunchPlan(
      environment: settings.environment, setup: config.cluster.setupCommands,
      commands: commands, results: settings.results.filter { only == nil || $0.key == only },
      directory: settings.directory, files: files,
      isContained: config.containerImage != nil, prerequisites: settings.prerequisites)
    return Exported(plan, notes: bridge.notes + remarks.notes, problems: bridge.problems + remarks.problems)
  }

  /// The files of a launch beside its programs and that of its launcher, by their names.
  package enum FileName {
    package static let config = "bridge.yaml"
    /// What pip installs for the config's release.
    package static let requirements = "requirements.txt"
  }
}
