import LaunchModel
import Reporting
import Trainer

/// What each target of an adapter run matched.
struct AdapterText {
  let text: String

  init(_ plan: AdapterPlan, _ peft: Section<PEFTFields>) {
    var table = TextTable([
      .init("  target"), .init("matrices"), .init("layers", .right), .init("count", .right), .init("trained", .right),
    ])
    for target in plan.targets {
      table.add([
        "  " + target.name, Self.names(target.modules), "\(target.layers)",
        Numbers.grouped(target.matrices), Numbers.grouped(target.parameters),
      ])
    }
    text =
      "adapters: \(peft.peftScheme.rawValue), rank \(peft.dim), alpha \(peft.alpha); "
      + "\(Numbers.grouped(plan.parameterCount)) weights are trained\n" + table.text()
  }

  /// The last parts of the names: where they stand is what the target says.
  private static func names(_ modules: [String]) -> String {
    var names: [Substring] = []
    for module in modules {
      let name = module.split(separator: ".").last ?? ""
      if !names.contains(name) { names.append(name) }
    }
    return names.isEmpty ? "none" : names.joined(separator: ", ")
  }
}
