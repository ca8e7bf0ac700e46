import CommandSupport
import Trainer
import Training

extension ExitStatus {
  /// The status of a command that ended with an error of the trainer or its engine.
  init(of error: any Error) {
    switch error {
    case let error as SystemError: self = error.isOnReading ? .noInput : .cannotWrite
    case let error as TrainerError: self = error.isMissingInput ? .noInput : .failure
    case CheckpointError.noCheckpoint: self = .noInput
    case CheckpointError.diskFull, CheckpointError.inUse: self = .cannotWrite
    default: self = .failure
    }
  }
}
