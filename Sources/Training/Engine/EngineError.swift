/// What can keep the engine from being set up or from taking a step.
package enum EngineError: Error, Equatable, CustomStringConvertible {
  case cannotStartThreads(Int)
  /// The system refused the memory; `bytes` is what was asked for.
  case outOfMemory(bytes: Int)
  case invalidShape(ModelShapeError)
  /// A batch that does not fit the engine: what is wrong with it.
  case invalidBatch(String)
  case invalidSettings(String)
  case noSuchTensor(String)
  case wrongCount(tensor: String, expected: Int, found: Int)

  package var description: String {
    switch self {
    case .cannotStartThreads(let count): "cannot start \(count) threads (1 to 256 are possible)"
    case .outOfMemory(let bytes): "cannot allocate \(bytes) bytes"
    case .invalidShape(let error): error.description
    case .invalidBatch(let reason): "invalid batch: \(reason)"
    case .invalidSettings(let reason): "invalid settings: \(reason)"
    case .noSuchTensor(let name): "the model has no tensor \(name)"
    case .wrongCount(let tensor, let expected, let found):
      "\(tensor) has \(found) elements where \(expected) are expected"
    }
  }
}
