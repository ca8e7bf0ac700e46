/// How a pipeline layout was written; all four ways mean one list of stages.
public enum LayoutNotation: Hashable, Sendable {
  /// Megatron's string, `Et*14|t*13L`.
  case megatron(String)
  /// A list of lists of names.
  case lists([[String]])
  /// Counts, `8+7+7+6`.
  case counts(String)
  /// The cost-balanced split.
  case auto

  /// Sorts a text into one of the notations that are texts.
  ///
  /// Digits, blanks and `+` alone are counts: no such text is a legal Megatron string. So is any other text with a `+`
  /// that Megatron would refuse. Everything else is Megatron's string, even where it is not a legal one.
  public init(_ text: String) {
    let isOfCounts = { (byte: UInt8) in
      byte == UInt8(ascii: "+") || byte == UInt8(ascii: " ") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    if text == "auto" {
      self = .auto
    } else if text.utf8.contains(where: { $0 != UInt8(ascii: " ") }), text.utf8.allSatisfy(isOfCounts) {
      self = .counts(text)
    } else if text.utf8.contains(UInt8(ascii: "+")), (try? PipelineLayout.parse(megatron: text)) == nil {
      self = .counts(text)
    } else {
      self = .megatron(text)
    }
  }
}

/// What a layout was understood to mean.
public enum LayoutReading: Hashable, Sendable {
  case megatron
  case lists
  case counts(ReadCounts)
  case auto
}

/// Why a layout could not be read.
public enum LayoutError: Error, Hashable, Sendable {
  case string(LayoutSyntaxError)
  case lists(LayoutListError)
  case counts(LayoutCountsError)
  /// `auto` was read where no cost-balanced layout is at hand.
  case autoWithoutCosts

  /// Where in the text, in UTF-8 offsets; `nil` for lists, whose error has a position instead.
  public var range: Range<Int>? {
    switch self {
    case .string(let error): error.range
    case .counts(let error): error.range
    case .lists, .autoWithoutCosts: nil
    }
  }
}

/// A layout with the reading that led to it.
public struct ResolvedLayout: Hashable, Sendable {
  public let layout: PipelineLayout
  public let reading: LayoutReading
  /// For Megatron's string, where each element stands in the text.
  package let written: WrittenLayout?

  package init(layout: PipelineLayout, reading: LayoutReading, written: WrittenLayout? = nil) {
    self.layout = layout
    self.reading = reading
    self.written = written
  }
}

extension LayoutNotation {
  /// Reads the layout. Whether it fits a model and a pipeline is a matter of `PipelineLayout.violations`.
  ///
  /// - Parameters:
  ///   - numLayers: decoder layers of the model.
  ///   - mtpNumLayers: layers of multi-token prediction.
  ///   - balanced: the layout to use for `auto`.
  public func resolve(
    numLayers: Int, mtpNumLayers: Int = 0, balanced: PipelineLayout? = nil
  ) throws(LayoutError) -> ResolvedLayout {
    switch self {
    case .megatron(let text):
      do {
        let written = try PipelineLayout.parse(megatron: text)
        return ResolvedLayout(layout: written.layout, reading: .megatron, written: written)
      } catch {
        throw .string(error)
      }
    case .lists(let lists):
      do {
        return ResolvedLayout(layout: try PipelineLayout(lists: lists), reading: .lists)
      } catch {
        throw .lists(error)
      }
    case .counts(let text):
      do {
        let read = try PipelineLayout.parse(counts: text, numLayers: numLayers, mtpNumLayers: mtpNumLayers)
        return ResolvedLayout(layout: read.layout, reading: .counts(read.reading))
      } catch {
        throw .counts(error)
      }
    case .auto:
      guard let balanced else { throw .autoWithoutCosts }
      return ResolvedLayout(layout: balanced, reading: .auto)
    }
  }
}
