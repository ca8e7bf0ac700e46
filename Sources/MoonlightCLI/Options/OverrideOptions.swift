import ArgumentParser
import CommandSupport
import Diagnostics
import LaunchModel

/// `--set section.field=value`, which wins over everything.
struct OverrideOptions: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Sets any field; repeatable, the last one wins: `--set train.micro_batch_size=2`.",
      valueName: "section.field=value"), completion: Completions.assignment)
  var assignments: [String] = []

  var overrides: Overrides { Overrides(assignments) }
}

extension Overrides {
  /// Whether an override names no field, which is a mistake of the command line rather than of the config.
  var hasUsageError: Bool { diagnostics.contains { $0.code == FieldRule.override.code } }
}
