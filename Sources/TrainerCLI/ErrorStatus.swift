import CommandSupport
import Trainer
import Training

extension ExitStatus {
  /// What a command ends with that an error of the trainer stopped.
  init(_ error: any Error) {
    switch error {
    case let error as SystemError: self = error.operation.isReading ? .noInput : .cannotWrite
    case let error as TrainerError:
      switch error.kind {
      case .refused: self = .failure
      case .missingInput: self = .noInput
      case .outputExists: self = .cannotWrite
      }
    case CheckpointError.diskFull, CheckpointError.inUse: self = .cannotWrite
    case is SafetensorsError, is HuggingFaceConfigError, is AdapterError, is DatasetError, is TokenizerError,
      is CheckpointError:
      self = .noInput
    default: self = .failure
    }
  }
}
