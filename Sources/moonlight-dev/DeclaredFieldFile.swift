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
    guard !isOwn, release.classes.attribute(ofSection: section.name) != nil else { return nil }
    guard let here = classField(of: section, in: release) else { return "\(section.name)\t\(name)" }
    // Declarations have their defaults from the release that brought the field, some on purpose another one.
    let first = Release.all.lazy.compactMap { self.classField(of: section, in: $0) }.first
    guard !here.isRequired, here.defaultText != first?.defaultText,
      let value = ConfigValue(json: here.defaultText).flatMap(normalized), value != defaultValue
    else { return nil }
    return "\(section.name)\t\(name)\t\(here.defaultText)"
  }

  private func classField(of section: SectionSchema, in release: Release) -> ClassField? {
    let own = section.name(of: name, in: release)
    return release.classes.attribute(ofSection: section.name)?.fieldClasses.lazy
      .compactMap { release.fields.field(own, of: $0) }.first
  }
}
