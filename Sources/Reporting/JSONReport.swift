package import ConfigDocument
import Diagnostics
package import Topology
package import Validation

/// Diagnostics for programs: an array with one object a file.
package enum JSONReport {
  package static func text(of reports: [FileReport]) -> String {
    // Every number here is an integer, so there is nothing that JSON could not hold.
    (try? JSONEmitter().emit(.list(reports.map(value)))) ?? "[]\n"
  }

  private static func value(of report: FileReport) -> ConfigValue {
    [
      "file": .string(report.name),
      "ok": .bool(report.isAccepted),
      "diagnostics": .list(report.diagnostics.map { value(of: $0, in: report.name) }),
      "derived": report.derived.map { .mapping($0.tree) } ?? .null,
    ]
  }

  private static func value(of diagnostic: Diagnostic, in name: String) -> ConfigValue {
    var value: ConfigMapping = [
      "code": .string(diagnostic.code.rawValue),
      "severity": .string(diagnostic.severity.rawValue),
      "message": .string(diagnostic.message),
    ]
    value["help"] = diagnostic.help.map { .string($0) }
    value["path"] = .string(diagnostic.path)
    add(diagnostic.location, to: &value, name)
    value["related"] = .list(
      diagnostic.related.map { place in
        var value: ConfigMapping = ["path": .string(place.path), "message": .string(place.message)]
        add(place.location, to: &value, name)
        return .mapping(value)
      })
    value["fix"] = diagnostic.fix.map { fix in
      [
        "title": .string(fix.title),
        "applicability": .string(fix.applicability.rawValue),
        "edits": .list(
          fix.edits.map {
            ["range": range(SourceLocation(fix.file, $0.range)), "text": .string($0.text)]
          }),
      ]
    }
    return .mapping(value)
  }

  /// The range, and the file where it is another one than the report is about: a base, or a flag.
  private static func add(_ location: SourceLocation?, to value: inout ConfigMapping, _ name: String) {
    if let location, location.file.name != name { value["file"] = .string(location.file.name) }
    value["range"] = location.map(range) ?? .null
  }

  private static func range(_ location: SourceLocation) -> ConfigValue {
    ["start": position(location.start), "end": position(location.end)]
  }

  private static func position(_ position: SourcePosition) -> ConfigValue {
    ["line": .int(position.line), "column": .int(position.column)]
  }
}

extension DerivedValues {
  /// With snake-case keys, as every JSON output writes them.
  package var tree: ConfigMapping {
    var tree: ConfigMapping = [
      "world_size": .int(worldSize),
      "data_parallel_size": .int(dataParallelSize),
      "expert_data_parallel_size": .int(expertDataParallelSize),
      "num_microbatches": .int(numMicrobatches),
      "padded_vocab_size": paddedVocabSize.map { .int($0) } ?? .null,
      "layout": .string(layout),
      "stages": .list(stages.stages.map { .mapping($0.tree) }),
    ]
    if let firstMicrobatches { tree["first_num_microbatches"] = .int(firstMicrobatches) }
    return tree
  }
}

extension PipelineStage {
  package var tree: ConfigMapping {
    [
      "pp": .int(pp), "vp": .int(vp), "first_layer": .int(firstLayer), "num_layers": .int(numLayers),
      "embedding": .bool(embedding), "loss": .bool(loss),
    ]
  }
}
