/// Profiling of some steps. `null` for none.
public final class ProfilingFields: SectionFields {
  public static let fields = ProfilingFields()
  public static let schema = SectionSchema(
    "profiling", of: fields, nullable: true, "Profiling of some steps. `null` for none.")

  public let useNsysProfiler = Field<Bool>("use_nsys_profiler", default: false, "Nsight Systems.")
  public let usePytorchProfiler = Field<Bool>("use_pytorch_profiler", default: false, "PyTorch's profiler.")
  public let profileStepStart = Field<Int>(
    "profile_step_start", default: 10, in: Bounds(lower: -2_147_483_648, upper: 2_147_483_647), "First step.")
  public let profileStepEnd = Field<Int>(
    "profile_step_end", default: 12, in: Bounds(lower: -2_147_483_648, upper: 2_147_483_647), "Step it stops at.")
  public let profileRanks = Field<[Int]>("profile_ranks", default: [0], in: .count, "Which ranks.")
}
