package import Topology

extension LayoutError {
  /// What is wrong.
  package var message: String {
    switch self {
    case .string(let error): error.message
    case .lists(let error): error.message
    case .counts(let error): error.message
    case .autoWithoutCosts: "'auto' needs the model's costs"
    }
  }

  /// What would be right; `nil` where nothing better than the message can be said.
  package var help: String? {
    switch self {
    case .string(let error): error.help
    case .lists(let error): error.help
    case .counts(let error): error.help
    case .autoWithoutCosts: nil
    }
  }

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

extension LayoutSyntaxError {
  fileprivate var message: String {
    switch kind {
    case .unknownCharacter: "'\(excerpt)' is not a layer: a layout is made of E, t, m, L, | and repetitions"
    case .blank: "a layout contains no blanks or line breaks"
    case .groupWithoutCount: "the group '\(excerpt)' has no '*n' behind it"
    case .nestedGroup: "groups cannot stand inside groups"
    case .emptyGroup: "the group '()' is empty"
    case .unclosedGroup: "'(' is never closed"
    case .unopenedGroup: "')' closes no group"
    case .repetitionWithoutCount: "'*' needs a number behind it"
    case .repetitionOfNothing: "'*' repeats nothing: no character stands before it"
    case .chainedRepetition: "a repetition cannot be repeated again"
    case .strayNumber: "the number '\(excerpt)' does not follow '*'"
    case .tooLongRepetition, .tooManyElements:
      "'\(excerpt)' unrolls to more than \(TopologyLimits.elements) layers"
    case .tooManyStages: "the layout has more than \(TopologyLimits.stages) stages"
    case .textTooLong: "the layout is longer than \(TopologyLimits.scalars) characters"
    }
  }

  fileprivate var help: String? {
    switch kind {
    case .unknownCharacter(let meant?): "write '\(meant)'"
    case .unknownCharacter(nil): "E is the embedding, t a decoder layer, m an MTP layer, L the loss, | ends a stage"
    case .blank: "remove it; commas may stand between elements"
    case .groupWithoutCount: "write how often it is repeated, as in '(tt|)*3', or remove the parentheses"
    case .nestedGroup: "write the inner group out"
    case .emptyGroup: "put at least one element into it, or remove it"
    case .unclosedGroup: "close it and say how often it is repeated, as in '(tt|)*3'"
    case .unopenedGroup: "remove it, or open the group with '('"
    case .repetitionWithoutCount: "write how often, as in 't*4'"
    case .repetitionOfNothing: "write what is repeated, as in 't*4'"
    case .chainedRepetition: "multiply the numbers: 't*6' instead of 't*2*3'"
    case .strayNumber: "write 't*\(excerpt)' for \(excerpt) decoder layers"
    case .tooLongRepetition, .tooManyElements, .tooManyStages, .textTooLong: nil
    }
  }
}

extension LayoutListError {
  fileprivate var message: String {
    switch kind {
    case .unknownName(let name): "'\(name)' is not a layer"
    case .encoderUnsupported: "Megatron supports no encoder layers in a pipeline layout"
    case .tooManyElements: "the layout has more than \(TopologyLimits.elements) elements"
    case .tooManyStages: "the layout has more than \(TopologyLimits.stages) stages"
    }
  }

  fileprivate var help: String? {
    switch kind {
    case .unknownName(let name):
      if let element = LayoutElement.allCases.first(where: { String($0.letter) == name }) {
        "letters are for the string form: write '\(element.rawValue)'"
      } else {
        "the names are \(LayoutElement.allCases.map(\.rawValue).joined(separator: ", "))"
      }
    case .encoderUnsupported, .tooManyElements, .tooManyStages: nil
    }
  }
}

extension LayoutCountsError {
  fileprivate var message: String {
    switch kind {
    case .malformed: "counts are numbers joined by '+'"
    case .numberTooLarge: "a stage of more than \(TopologyLimits.elements) layers"
    case .tooManyStages: "more than \(TopologyLimits.stages) stages"
    case .wrongSum(let sum, let numLayers, _):
      sum < numLayers
        ? "the counts add up to \(sum), \(numLayers - sum) less than num_layers \(numLayers)"
        : "the counts add up to \(sum), \(sum - numLayers) more than num_layers \(numLayers)"
          + " (\(sum - numLayers - 2) more than layers, embedding and loss together)"
    case .noSlot(let reading, _):
      "the counts add up to \(reading.counted), but "
        + (reading == .embeddingCounted
          ? "the first stage has no slot for the embedding"
          : "the first or last stage has no slot for the embedding or the loss")
    case .numLayersOutOfRange(let numLayers):
      "num_layers is \(numLayers), but must be between 0 and \(TopologyLimits.elements)"
    }
  }

  fileprivate var help: String? {
    switch kind {
    case .malformed: "write one number a stage, as in '8+7+7+6'"
    case .wrongSum(_, _, let nearest), .noSlot(_, let nearest):
      nearest.isEmpty ? nil : "nearest: \(nearest.map(\.text).joined(separator: ", "))"
    case .numberTooLarge, .tooManyStages, .numLayersOutOfRange: nil
    }
  }
}
