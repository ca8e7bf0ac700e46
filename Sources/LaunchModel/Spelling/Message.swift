/// A sentence about a config, which knows the names in it that files spell each in their own way.
///
///     let message: Message = "\(Path.dataset.seqLength) is \(length)"
///
/// A path in it is a reference, whatever else is interpolated is text. ``text`` is what a reader of launch configs
/// sees; ``text(in:)`` is the same sentence for the reader of another kind of file.
package struct Message: Sendable, Hashable {
  /// Something that has another name in other files.
  package enum Reference: Sendable, Hashable {
    /// A field with its section, or a section.
    case field(FieldPath)
    /// A field by its name alone.
    case name(FieldPath)
    /// The layout that is found by cost: `auto`, a notation of launch configs.
    case automaticLayout
  }

  private struct Place: Sendable, Hashable {
    /// In UTF-8 offsets of the text.
    var range: Range<Int>
    let reference: Reference
  }

  /// The sentence in the names of launch configs.
  package private(set) var text: String
  /// The references, in the order of the text.
  private var places: [Place] = []

  /// A sentence without references.
  package init(_ text: String) { self.text = text }

  /// The sentence in the names of another kind of file.
  package func text(in spelling: some Spelling) -> String {
    if places.isEmpty { return text }
    var result = ""
    var rest = text.utf8[...]
    var offset = 0
    func take(to end: Int) -> Substring {
      defer {
        rest = rest.dropFirst(end - offset)
        offset = end
      }
      return Substring(rest.prefix(end - offset))
    }
    for place in places {
      result += take(to: place.range.lowerBound)
      let native = take(to: place.range.upperBound)
      result += spelling.text(of: place.reference) ?? String(native)
    }
    return result + Substring(rest)
  }

  package static func + (left: Message, right: Message) -> Message {
    var sum = left
    sum.append(right)
    return sum
  }

  package static func += (left: inout Message, right: Message) { left.append(right) }

  private mutating func append(_ other: Message) {
    let start = text.utf8.count
    text += other.text
    for place in other.places {
      let range = place.range.lowerBound + start..<place.range.upperBound + start
      places.append(Place(range: range, reference: place.reference))
    }
  }

  /// - Parameter native: as launch configs spell it.
  private mutating func append(_ reference: Reference, _ native: String) {
    let start = text.utf8.count
    text += native
    places.append(Place(range: start..<text.utf8.count, reference: reference))
  }
}

extension Message: ExpressibleByStringInterpolation {
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var message = Message("")

    package init(literalCapacity: Int, interpolationCount: Int) {
      message.text.reserveCapacity(literalCapacity + 8 * interpolationCount)
    }

    package mutating func appendLiteral(_ literal: String) { message.text += literal }

    /// A field with its section.
    package mutating func appendInterpolation(_ path: FieldPath) { message.append(.field(path), path.description) }

    /// A field without its section.
    package mutating func appendInterpolation(name path: FieldPath) { message.append(.name(path), path.field) }

    /// Fields without their sections, each in quotes.
    package mutating func appendInterpolation(names paths: [FieldPath], separator: String, quote: String = "`") {
      for (index, path) in paths.enumerated() {
        message.text += (index > 0 ? separator : "") + quote
        appendInterpolation(name: path)
        message.text += quote
      }
    }

    /// Fields with their sections, with commas between them.
    package mutating func appendInterpolation(list paths: [FieldPath]) {
      for (index, path) in paths.enumerated() {
        if index > 0 { message.text += ", " }
        appendInterpolation(path)
      }
    }

    /// The layout that is found by cost, as the sentence writes it: `auto`, with or without quotes.
    package mutating func appendInterpolation(automaticLayout notation: String) {
      message.append(.automaticLayout, notation)
    }

    package mutating func appendInterpolation(_ other: Message) { message.append(other) }

    package mutating func appendInterpolation(_ text: String) { message.text += text }

    package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      message.text += value.description
    }
  }

  package init(stringLiteral text: String) { self.init(text) }

  package init(stringInterpolation: StringInterpolation) { self = stringInterpolation.message }
}

extension Message: CustomStringConvertible {
  package var description: String { text }
}

extension [Message] {
  /// All of them as one, with a text between each two.
  package func joined(separator: String) -> Message {
    dropFirst().reduce(first ?? "") { $0 + Message(separator) + $1 }
  }
}

extension Spelling {
  /// `nil` for what launch configs spell alike.
  fileprivate func text(of reference: Message.Reference) -> String? {
    switch reference {
    case .field(let path): keys(of: path)?.joined(separator: ".")
    case .name(let path): keys(of: path)?.last
    case .automaticLayout: hasLayoutNotations ? nil : "from `moonlight stages --layout balanced`"
    }
  }
}
