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
        "  " + target.name, target.modules.isEmpty ? "none" : target.modules.joined(separator: ", "), "\(target.layers)",
        Numbers.grouped(target.matrices), Numbers.grouped(target.parameters),
      ])
    }
    text =
      "adapters: \(peft.peftScheme.rawValue), rank \(peft.dim), alpha \(peft.alpha); "
      + "\(Numbers.grouped(plan.parameterCount)) weights are trained\n" + table.text()
  }
}
