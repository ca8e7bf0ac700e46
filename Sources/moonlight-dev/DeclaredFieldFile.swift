import ConfigDocument
import LaunchModel
import Releases

extension GeneratedFile {
  /// Which declared fields each release has, and their defaults where they are others: from the tables of the releases'
  /// classes.
  static func declaredFields() throws -> GeneratedFile {
    var text = """
      // Written by `moonlight-dev generate` from the fields of the releases' classes. Do not edit.

      extension DeclaredFields {
        /// By the version of Megatron-Bridge.
        static let texts = [

      """
    for release in Release.all {
      let lines = LaunchConfig.sections.flatMap { section in
        section.schema.fields.compactMap { $0.line(of: section.schema, in: release) }
      }
      text += """
            "\(release.megatronBridge)": #\"""
        \(lines.map { "    \($0)\n" }.joined())    \"""#,

        """
    }
    return GeneratedFile(
      path: "Sources/LaunchModel/Schema/DeclaredFields.generated.swift", text: text + "  ]\n}\n")
  }
}

extension FieldDeclaration {
  /// `nil` where the release has the field as it is declared.
  fileprivate func line(of section: SectionSchema, in release: Release) -> String? {
    guard !isOwn, let attribute = release.classes.attribute(ofSection: section.name) else { return nil }
    let here = classField(of: section, attribute, release)
    guard let here else { return "\(section.name)\t\(name)" }
    // Declarations have their defaults from that release, some on purpose another one.
    let source = Release.beforeNaming
    guard release != source, !here.isRequired,
      let first = source.classes.attribute(ofSection: section.name).flatMap({ classField(of: section, $0, source) }),
      here.defaultText != first.defaultText,
      let value = ConfigValue(json: here.defaultText).flatMap(normalized), value != defaultValue
    else { return nil }
    return "\(section.name)\t\(name)\t\(here.defaultText)"
  }

  private func classField(
    of section: SectionSchema, _ attribute: ContainerAttribute, _ release: Release
  ) -> ClassField? {
    let own = section.name(of: name, in: release)
    return attribute.fieldClasses.lazy.compactMap { release.fields.field(own, of: $0) }.first
  }
}
