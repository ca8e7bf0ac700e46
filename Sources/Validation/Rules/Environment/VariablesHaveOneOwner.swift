import Diagnostics
import LaunchModel

/// # ENV-01: variables of the shell, the loader and the launcher are theirs
///
/// ## What
/// `env_vars` names no variable that bash, the dynamic linker, torchrun, Slurm or the launch script gives its value, and
/// nothing that cannot be a variable's name.
///
/// ## Why
/// An assignment to a read-only variable of bash (`UID`, `SHELLOPTS`) ends the script; one to `PATH`, `IFS` or `PWD`
/// changes what its next lines do; `LD_PRELOAD` loads code into every program of the launch; and a rank that is told
/// another `RANK` or `SLURM_PROCID` waits for the others until its time is up.
///
/// ## Example
/// ```yaml
/// env_vars: {WORLD_SIZE: "8"}
/// ```
///
/// ## Fix
/// Leave it out. Paths of programs and libraries belong into the container or the environment that the job starts in.
///
/// ## Source
/// GNU bash 5.2 manual, "Shell Variables"; glibc `ld.so(8)`; PyTorch 2.7 `torch/distributed/run.py`, "Environment
/// Variables"; Slurm 24.05 `sbatch(1)`, "OUTPUT ENVIRONMENT VARIABLES".
enum VariablesHaveOneOwner: Rule {
  static let code: DiagnosticCode = "ENV-01"
  static let title = "variables of the shell, the loader and the launcher are theirs"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    for variable in run.config.envVars.storage.carried {
      let path = FieldPath("env_vars", variable.name)
      if !isVariableName(variable.name) {
        report.error(
          at: path, "`\(variable.name)` cannot be the name of an environment variable",
          help: "a name is made of letters, digits and `_`, and does not begin with a digit")
      } else if let owner = VariableOwner(of: variable.name) {
        report.error(
          at: path, "`\(variable.name)` belongs to \(owner.rawValue): \(owner.consequence)",
          fix: .unsafe("remove it", (path, nil)))
      }
    }
  }
}
