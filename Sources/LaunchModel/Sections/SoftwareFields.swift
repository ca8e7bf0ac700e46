public import Releases

/// The software that the config is for. Everything else about it follows from the release.
public struct SoftwareFields: SectionFields {
  public static let fields = SoftwareFields()
  public static let schema = SectionSchema(
    "software", fields.declarations, "The release of Megatron that the config is for.")
  let declarations: [FieldDeclaration]

  public let megatronBridge: Field<Release>

  private init() {
    var list = FieldList()
    megatronBridge = list.add(
      "megatron_bridge", default: .current,
      "Version of Megatron-Bridge that the config is for; Megatron-Core's and Python's follow from it.")
    declarations = list.declarations
  }
}
