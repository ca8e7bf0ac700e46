package import ConfigDocument
import Estimation
package import LaunchModel

/// What differs between two configs: fields, and what follows from them.
package struct ConfigDifference: Sendable {
  /// A field with another value on each side; `nil` where a side does not have it.
  package struct FieldChange: Sendable {
    package let path: FieldPath
    package let left: Side?
    package let right: Side?
  }

  package struct Side: Sendable {
    package let value: ConfigValue
    package let origin: Origin
  }

  /// A consequence with another value on each side; `nil` where it is undefined.
  package struct ConsequenceChange: Sendable {
    package let name: String
    package let left: ConfigValue?
    package let right: ConfigValue?
  }

  package let fields: [FieldChange]
  package let consequences: [ConsequenceChange]

  package var isEmpty: Bool { fields.isEmpty }

  package init(_ left: RunFacts, _ right: RunFacts) {
    fields =
      left.release == right.release
      ? LaunchConfig.sections.flatMap { Self.changes(of: $0, left.config, right.config) }
      : Self.changes(ConfigMeaning(left.config), ConfigMeaning(right.config))
    consequences = zip(Self.consequences(of: left), Self.consequences(of: right)).compactMap { left, right in
      left.value == right.value
        ? nil : ConsequenceChange(name: left.name, left: left.value, right: right.value)
    }
  }

  private static func changes(
    of section: LaunchConfig.SectionEntry, _ left: LaunchConfig, _ right: LaunchConfig
  ) -> [FieldChange] {
    let (first, second) = (left[keyPath: section.storage], right[keyPath: section.storage])
    let name = section.schema.name
    guard first.isPresent || second.isPresent else { return [] }
    if first.isPresent != second.isPresent {
      let side = { (storage: SectionStorage) in
        Side(value: storage.isPresent ? .string("present") : .null, origin: storage.sectionOrigin)
      }
      return [FieldChange(path: FieldPath(name, ""), left: side(first), right: side(second))]
    }
    var names = section.schema.fields.map(\.name)
    for carried in first.carried + second.carried where !names.contains(carried.name) { names.append(carried.name) }
    return names.compactMap { field in
      let (one, other) = (first.value(named: field), second.value(named: field))
      guard one?.value != other?.value else { return nil }
      return FieldChange(
        path: FieldPath(name, field), left: one.map { Side(value: $0.value, origin: $0.origin) },
        right: other.map { Side(value: $0.value, origin: $0.origin) })
    }
  }

  /// Between releases, what the configs mean: a field that one of them does not have is no difference while it says
  /// no more than that release does anyway.
  private static func changes(_ left: ConfigMeaning, _ right: ConfigMeaning) -> [FieldChange] {
    let software = LaunchConfig.section(named: Path.software.megatronBridge.section).map {
      changes(of: $0, left.config, right.config)
    }
    let fields = ConfigMeaning.fields(of: left.config.release, and: right.config.release)
    return (software ?? [])
      + fields.compactMap { path -> FieldChange? in
        guard path.section != Path.software.megatronBridge.section else { return nil }
        guard left.differs(from: right, at: path) else { return nil }
        let (one, other) = (left.value(of: path), right.value(of: path))
        return FieldChange(path: path, left: side(one, path, left), right: side(other, path, right))
      }
  }

  private static func side(_ value: ConfigValue?, _ path: FieldPath, _ meaning: ConfigMeaning) -> Side? {
    value.map { Side(value: $0, origin: meaning.config.value(at: path)?.origin ?? .schemaDefault) }
  }

  private static func parameters(of run: RunFacts) -> Int? {
    run.paddedVocabSize.flatMap { ParameterCount(run.architecture, vocabSize: $0)?.total }
  }

  /// The same names in the same order for every config.
  private static func consequences(of run: RunFacts) -> [(name: String, value: ConfigValue?)] {
    [
      ("world_size", .int(run.worldSize)),
      ("data_parallel_size", run.dataParallelSize.map { .int($0) }),
      ("expert_data_parallel_size", run.expertDataParallelSize.map { .int($0) }),
      ("num_microbatches", run.numMicrobatches.map { .int($0) }),
      ("padded_vocab_size", run.paddedVocabSize.map { .int($0) }),
      ("layout", run.stages.map { .string($0.layout.megatronString) }),
      ("decoders_of_stages", run.stages.map { .list($0.stages.map { .int($0.numLayers) }) }),
      ("parameters", parameters(of: run).map { .int($0) }),
      ("memory_gib_of_fullest_gpu", run.memory().map { .float(($0.worstTotal / gibibyte * 10).rounded() / 10) }),
    ]
  }
}
