import ConfigDocument
import LaunchModel
import Testing

/// Every declaration is held against the field list of megatron-core 0.16.1 and megatron-bridge 0.3.1.
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

  @Test(arguments: MegatronFields.sections)
  func defaultsAreMegatrons(section: MegatronFields.Section) throws {
    let schema = try #require(LaunchConfig.section(named: section.name)?.schema)
    for field in schema.fields {
      guard let upstream = section.defaults[field.name],
        !MegatronFields.differs.contains("\(section.name).\(field.name)")
      else { continue }
      #expect(field.defaultValue.isSame(as: upstream), "\(section.name).\(field.name)")
    }
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
