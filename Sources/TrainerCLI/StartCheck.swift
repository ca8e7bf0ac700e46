import CommandSupport
import Diagnostics
import LaunchModel
import Trainer
import Training
import Validation

/// What is wrong with a config for the CPU engine, which looks at the data and at the checkpoint to start from.
struct StartCheck {
  let diagnostics: [Diagnostic]
  let isMissingInput: Bool

  /// - Throws: `CommandFailure` for a checkpoint that is missing or broken.
  init(_ opened: ConfigInputs.Opened) throws {
    var run = opened.run
    let missing = RunInputs.missing(run.config).map { StartFacts.Problem($0.path, "\($0.error)") }
    run.start = StartFacts(baseDifferences: try Self.baseDifferences(run), missingInputs: missing)
    isMissingInput = !missing.isEmpty
    diagnostics = Validator.diagnostics(opened.loaded, run)
  }

  /// The same for a run that goes to another engine because it does not fit this machine: of its inputs those that lie
  /// here are looked at, and the others may lie where it will run.
  ///
  /// - Throws: `CommandFailure` for a checkpoint that is broken.
  init(ofWhatLiesHere opened: ConfigInputs.Opened) throws {
    isMissingInput = false
    var run = opened.run
    let differences = BaseCheckpoint.isHere(run.config) ? try Self.baseDifferences(run) : []
    guard !differences.isEmpty else {
      diagnostics = opened.diagnostics
      return
    }
    run.start = StartFacts(baseDifferences: differences)
    // What else the CPU engine asks of a config is not asked here.
    let ofBase = Validator.diagnostics(opened.loaded, run).filter { $0.code == Self.baseIsTheModel }
    diagnostics = opened.diagnostics + ofBase
  }

  private static let baseIsTheModel: DiagnosticCode = "CKPT-09"

  private static func baseDifferences(_ run: RunFacts) throws -> [StartFacts.Problem] {
    guard let vocabSize = run.paddedVocabSize, let shape = ModelShape(run.config, vocabSize: vocabSize) else {
      return []
    }
    let base: BaseCheckpoint?
    do { base = try BaseCheckpoint(run.config) } catch {
      throw CommandFailure("\(error)", status: ExitStatus(error))
    }
    return (base?.differences(from: shape) ?? []).map { difference in
      StartFacts.Problem(
        difference.field.map { FieldPath("model", $0) } ?? Path.checkpoint.pretrainedCheckpoint,
        Message(difference.description))
    }
  }
}
