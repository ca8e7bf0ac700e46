import Topology

extension LayoutError {
  /// Counts that can be read, but do not fit the model.
  var isCount: Bool {
    guard case .counts(let error) = self else { return false }
    switch error.kind {
    case .wrongSum, .noSlot: return true
    case .malformed, .numberTooLarge, .tooManyStages, .numLayersOutOfRange: return false
    }
  }

  var isEncoder: Bool {
    if case .lists(let error) = self, case .encoderUnsupported = error.kind { true } else { false }
  }
}
