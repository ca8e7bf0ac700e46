/// What is wrong with a layout given as a list of lists of names, and where.
public struct LayoutListError: Error, Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Not one of Megatron's names.
    case unknownName(String)
    /// `encoder`, which Megatron names but does not support in a layout.
    case encoderUnsupported
    case tooManyElements
    case tooManyStages
  }

  public let kind: Kind
  public let position: LayoutPosition
}

extension PipelineLayout {
  /// Reads a list of lists of names as Megatron does: blanks around a name and its case do not matter.
  ///
  /// - Throws: the first name that is none.
  public init(lists: [[String]]) throws(LayoutListError) {
    guard lists.count <= TopologyLimits.stages else {
      throw LayoutListError(
        kind: .tooManyStages, position: LayoutPosition(stage: TopologyLimits.stages, element: 0))
    }
    var elements = 0
    var stages: [[LayoutElement]] = []
    for (stage, names) in lists.enumerated() {
      var read: [LayoutElement] = []
      for (index, name) in names.enumerated() {
        let position = LayoutPosition(stage: stage, element: index)
        elements += 1
        guard elements <= TopologyLimits.elements else {
          throw LayoutListError(kind: .tooManyElements, position: position)
        }
        let plain = name.strippedAndLowercased
        guard let element = LayoutElement(rawValue: plain) else {
          throw LayoutListError(
            kind: plain == "encoder" ? .encoderUnsupported : .unknownName(name), position: position)
        }
        read.append(element)
      }
      stages.append(read)
    }
    self.init(stages: stages)
  }
}

extension String {
  /// As Python's `strip().lower()`, for names of ASCII letters: no other letter's lower case is one of theirs.
  fileprivate var strippedAndLowercased: String {
    func isBlank(_ scalar: Unicode.Scalar) -> Bool {
      // Python also strips the four ASCII separators.
      scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !isBlank($0) }), let last = scalars.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(String.UnicodeScalarView(scalars[first...last].map { $0.asciiLowercased }))
  }
}

extension Unicode.Scalar {
  fileprivate var asciiLowercased: Unicode.Scalar {
    ("A"..."Z").contains(self) ? Unicode.Scalar(UInt8(value) | 0x20) : self
  }
}
