import ConfigDocument
import LaunchModel
import Releases
import Testing

/// Every declaration is held against the classes of each release.
@Suite struct FieldDeclarationTests {
  @Test func namesAreUniqueWithinASection() {
    for section in LaunchConfig.sections {
      let names = section.schema.fields.map(\.name) + section.schema.fields.flatMap(\.aliases)
      #expect(Set(names).count == names.count, "\(section.schema.name) declares a name twice")
    }
  }

  @Test func everyFieldKnowsItsPlace() {
    for section in LaunchConfig.sections {
      #expect(section.schema.fields.enumerated().allSatisfy { $0.offset == $0.element.index })
    }
  }

  @Test func everyDefaultIsOfItsType() {
    for section in LaunchConfig.sections {
      for field in section.schema.fields {
        #expect(field.accepts(field.defaultValue), "\(section.schema.name).\(field.name)")
        #expect(!field.documentation.isEmpty, "\(section.schema.name).\(field.name)")
      }
    }
  }

  /// Where a default of ours is meant to differ, with the reason.
  private static let chosen: Set<FieldPath> = [
    // Megatron holds a Python function here; we name it.
    FieldPath("model", "activation_func"),
    // Required there, with Bridge's usual value as ours.
    Path.dataset.randomSeed, Path.dataset.seqLength, Path.dataset.datasetName, Path.commOverlap.tpCommOverlap,
    // None is refused by Bridge, and our recipes never want it.
    Path.dataset.dataloaderType, Path.dataset.resetPositionIDs, Path.dataset.resetAttentionMask,
    Path.dataset.eodMaskLoss,
  ]

  @Test(arguments: Release.all)
  func defaultsAreMegatrons(_ release: Release) throws {
    let config = LaunchConfig(for: release)
    var compared = 0
    for section in LaunchConfig.sections.map(\.schema) {
      guard let attribute = release.classes.attribute(ofSection: section.name) else { continue }
      for field in section.fields where !field.isOwn {
        let path = FieldPath(section.name, field.name)
        let name = section.name(of: field.name, in: release)
        guard !Self.chosen.contains(path), let ours = config.defaultValue(of: path),
          let theirs = attribute.fieldClasses.lazy.compactMap({ release.fields.field(name, of: $0) }).first
        else { continue }
        compared += 1
        #expect(
          ConfigValue(json: theirs.defaultText).map(ours.isSame) == true, "\(path): \(ours), \(theirs.defaultText)")
      }
    }
    #expect(compared > 250)
  }
}

extension ConfigValue {
  /// Equal, with whole numbers and floats alike.
  fileprivate func isSame(as other: ConfigValue) -> Bool {
    switch (self, other) {
    case (.float(let left), .int(let right)): left == Double(right)
    case (.int(let left), .float(let right)): Double(left) == right
    case (.string(let left), .string(let right)):
      left == right || ["fp32": "float32", "bf16": "bfloat16", "fp16": "float16"][left] == right
    default: self == other
    }
  }
}
