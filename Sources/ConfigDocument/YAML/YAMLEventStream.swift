internal import CLibYAML

/// One event of libyaml, with its marks as UTF-8 offsets. What the event says in text stays with the stream.
struct YAMLEvent {
  enum Kind {
    case streamStart, streamEnd
    case documentStart, documentEnd
    case alias
    case scalar(ScalarForm, isEmpty: Bool)
    case sequenceStart, sequenceEnd
    case mappingStart, mappingEnd
  }

  enum ScalarForm {
    case plain, quoted, block
  }

  let kind: Kind
  /// `nil` for nearly all nodes.
  let properties: NodeProperties?
  var start: Int
  var end: Int
}

/// What stands before a node: an anchor, a tag, or both.
final class NodeProperties {
  let anchor: String?
  let tag: String?

  init(anchor: String?, tag: String?) {
    self.anchor = anchor
    self.tag = tag
  }
}

/// What libyaml objects to, with its places as UTF-8 offsets.
struct YAMLProblem: Error {
  var problem: String
  var offset: Int
  var context: String
  var contextOffset: Int?
}

/// libyaml's event parser over a text that outlives it.
final class YAMLEventStream {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  /// The event that was read last, whose strings are libyaml's until the next.
  private let event: UnsafeMutablePointer<yaml_event_t>
  private var cursor: MarkCursor

  /// `nil` where there is no memory left.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, _ check: TextCheck) {
    // libyaml keeps a pointer to the parser inside the parser, so it must not move.
    parser = .allocate(capacity: 1)
    event = .allocate(capacity: 1)
    event.initialize(to: yaml_event_t())
    cursor = MarkCursor(bytes, isASCII: check.isASCII, base: check.byteOrderMarkLength)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      event.deallocate()
      return nil
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    let text = UnsafeBufferPointer(rebasing: bytes[check.byteOrderMarkLength...])
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  deinit {
    yaml_event_delete(event)
    event.deallocate()
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  func next() throws(YAMLProblem) -> YAMLEvent {
    yaml_event_delete(event)
    guard yaml_parser_parse(parser, event) == 1 else { throw problem() }
    let start = cursor.offset(of: event.pointee.start_mark.index)
    let end = max(start, cursor.offset(of: event.pointee.end_mark.index))
    return YAMLEvent(kind: kind, properties: properties, start: start, end: end)
  }

  /// The text of the scalar that was read last, with quotes and escapes resolved; the name of the alias.
  var text: String {
    if event.pointee.type == YAML_ALIAS_EVENT { return Self.string(event.pointee.data.alias.anchor) ?? "" }
    let scalar = event.pointee.data.scalar
    return String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
  }

  private var kind: YAMLEvent.Kind {
    switch event.pointee.type {
    case YAML_SCALAR_EVENT: .scalar(scalarForm, isEmpty: event.pointee.data.scalar.length == 0)
    case YAML_SEQUENCE_START_EVENT: .sequenceStart
    case YAML_SEQUENCE_END_EVENT: .sequenceEnd
    case YAML_MAPPING_START_EVENT: .mappingStart
    case YAML_MAPPING_END_EVENT: .mappingEnd
    case YAML_ALIAS_EVENT: .alias
    case YAML_STREAM_START_EVENT: .streamStart
    case YAML_DOCUMENT_START_EVENT: .documentStart
    case YAML_DOCUMENT_END_EVENT: .documentEnd
    default: .streamEnd
    }
  }

  private var scalarForm: YAMLEvent.ScalarForm {
    switch event.pointee.data.scalar.style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
    case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
    default: .plain
    }
  }

  private var properties: NodeProperties? {
    let (anchor, tag) =
      switch event.pointee.type {
      case YAML_SCALAR_EVENT: (event.pointee.data.scalar.anchor, event.pointee.data.scalar.tag)
      case YAML_SEQUENCE_START_EVENT:
        (event.pointee.data.sequence_start.anchor, event.pointee.data.sequence_start.tag)
      case YAML_MAPPING_START_EVENT: (event.pointee.data.mapping_start.anchor, event.pointee.data.mapping_start.tag)
      default: (nil, nil)
      }
    guard anchor != nil || tag != nil else { return nil }
    return NodeProperties(anchor: Self.string(anchor), tag: Self.string(tag))
  }

  private func problem() -> YAMLProblem {
    let state = parser.pointee
    guard let text = state.problem else {
      return YAMLProblem(problem: "out of memory", offset: 0, context: "", contextOffset: nil)
    }
    guard state.error == YAML_SCANNER_ERROR || state.error == YAML_PARSER_ERROR else {
      // Reader errors have a byte offset instead of a mark; `TextCheck` finds them all before.
      return YAMLProblem(
        problem: String(cString: text), offset: state.problem_offset, context: "", contextOffset: nil)
    }
    let context = state.context.map { String(cString: $0) } ?? ""
    return YAMLProblem(
      problem: String(cString: text), offset: cursor.offset(of: state.problem_mark.index), context: context,
      contextOffset: context.isEmpty ? nil : cursor.offset(of: state.context_mark.index))
  }

  private static func string(_ bytes: UnsafeMutablePointer<UInt8>?) -> String? {
    bytes.map { String(cString: $0) }
  }
}
