/// Environment variables of every rank: any name, values as strings.
public struct EnvVarsFields: SectionFields {
  public static let fields = EnvVarsFields()
  public static let schema = SectionSchema(
    "env_vars", fields.declarations, open: true, "Environment variables of every rank: any name, values as strings.")
  let declarations: [FieldDeclaration]

  private init() { declarations = [] }
}
