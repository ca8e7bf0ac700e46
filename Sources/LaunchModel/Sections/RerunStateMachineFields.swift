/// Checks for results that are not repeatable. All its fields are carried through to Megatron.
public struct RerunStateMachineFields: SectionFields {
  public static let fields = RerunStateMachineFields()
  public static let schema = SectionSchema(
    "rerun_state_machine", fields.declarations, nullable: true, "Checks for results that are not repeatable.")
  let declarations: [FieldDeclaration]

  private init() { declarations = [] }
}
