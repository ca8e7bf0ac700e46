import Diagnostics
import LaunchModel

/// Both switches of the distributed optimizer, as one thing to switch off.
enum DistributedSwitch {
  static func refuse(_ run: RunFacts, _ message: Message, help: Message? = nil, _ report: inout Report) {
    self.report(.error, run, message, help: help, &report)
  }

  static func report(
    _ severity: Severity, _ run: RunFacts, _ message: Message, help: Message? = nil, _ report: inout Report
  ) {
    let switches = [
      (Path.optimizer.useDistributedOptimizer, run.config.optimizer.useDistributedOptimizer),
      (Path.ddp.useDistributedOptimizer, run.config.ddp.useDistributedOptimizer),
    ].filter(\.1).map(\.0)
    guard let first = switches.first else { return }
    report.add(
      severity, at: first, message, help: help,
      related: switches.dropFirst().map { ($0, "on as well") } + [
        (Path.optimizer.optimizer, "`\(run.config.optimizer.optimizer.rawValue)`")
      ],
      fix: FieldFix(
        title: "switch it off", applicability: .unsafe, changes: switches.map { (path: $0, value: .bool(false)) }))
  }
}
