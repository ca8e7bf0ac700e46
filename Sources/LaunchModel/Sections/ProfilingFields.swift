/// Profiling of some steps. `null` for none.
public struct ProfilingFields: SectionFields {
  public static let fields = ProfilingFields()
  public static let schema = SectionSchema(
    "profiling", fields.declarations, nullable: true, "Profiling of some steps. `null` for none.")
  let declarations: [FieldDeclaration]

  public let useNsysProfiler: Field<Bool>
  public let usePytorchProfiler: Field<Bool>
  public let profileStepStart: Field<Int>
  public let profileStepEnd: Field<Int>
  public let profileRanks: Field<[Int]>

  private init() {
    var list = FieldList()
    useNsysProfiler = list.add("use_nsys_profiler", default: false, "Nsight Systems.")
    usePytorchProfiler = list.add("use_pytorch_profiler", default: false, "PyTorch's profiler.")
    profileStepStart = list.add(
      "profile_step_start", default: 10, in: Bounds(lower: -2_147_483_648, upper: 2_147_483_647), "First step.")
    profileStepEnd = list.add(
      "profile_step_end", default: 12, in: Bounds(lower: -2_147_483_648, upper: 2_147_483_647), "Step it stops at.")
    profileRanks = list.add("profile_ranks", default: [0], in: .count, "Which ranks.")
    declarations = list.declarations
  }
}
