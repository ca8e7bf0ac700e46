package import ConfigDocument
package import Estimation

/// How often a run goes through its data, as a table and as JSON.
package struct EpochReport {
  private let count: EpochCount

  package init(_ count: EpochCount) { self.count = count }

  package func text(style: TerminalStyle) -> String {
    var table = TextTable([
      .init("Data"), .init("rows", .right), .init("samples an epoch", .right), .init("epochs", .right),
    ])
    for part in count.parts {
      table.add([
        part.source.path, (part.source.isExact ? "" : "about ") + Numbers.grouped(part.source.rows),
        part.samples.map { Numbers.grouped($0) } ?? "", part.epochs.map { Numbers.decimal($0, 2) } ?? "",
      ])
    }
    return table.text(style: style) + wrapped(summary, width: style.textWidth)
  }

  private var summary: String {
    let run = "The run takes \(Numbers.grouped(count.samplesOfRun)) samples"
    guard let samples = count.samples, let epochs = count.epochs else {
      return count.parts.contains { $0.samples == nil }
        ? "\(run); how many an epoch has is known once the rows are tokenized."
        : "\(run), of each source by its weight."
    }
    return "\(run): \(Numbers.decimal(epochs, 2)) epochs of \(Numbers.decimal(samples / Double(count.batch), 1)) steps."
  }

  package var tree: ConfigMapping {
    [
      "samples_of_run": .int(count.samplesOfRun), "samples_per_epoch": number(count.samples),
      "steps_per_epoch": number(count.samples.map { $0 / Double(count.batch) }), "epochs": number(count.epochs),
      "sources": .list(
        count.parts.map { part in
          [
            "path": .string(part.source.path), "rows": .int(part.source.rows),
            "rows_are_exact": .bool(part.source.isExact), "samples_per_epoch": number(part.samples),
            "epochs": number(part.epochs),
          ]
        }),
    ]
  }

  private func number(_ value: Double?) -> ConfigValue { value.map { .float($0) } ?? .null }
}
