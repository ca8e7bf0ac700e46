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
