package import LaunchModel

/// How a list of arguments is written down.
package enum ArgumentsFormat: String, CaseIterable, Sendable {
  case lines, shell, yaml
}

package enum MegatronLMArguments {
  package static func text(of config: LaunchConfig, as format: ArgumentsFormat) -> Exported<String> {
    Exported("")
  }
}
