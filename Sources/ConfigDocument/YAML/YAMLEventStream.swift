internal import CLibYAML

/// One event of libyaml, its strings copied and its marks as UTF-8 offsets.
struct YAMLEvent {
  enum Kind {
    case streamStart, streamEnd
    case documentStart, documentEnd
    case alias(String)
    case scalar(String, ScalarForm)
    case sequenceStart, sequenceEnd
    case mappingStart, mappingEnd
  }

  enum ScalarForm {
    case plain, quoted, block
  }

  var kind: Kind
  var anchor: String?
  var tag: String?
  var start: Int
  var end: Int
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
  private var cursor: MarkCursor

  /// `nil` where there is no memory left.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, _ check: TextCheck) {
    // libyaml keeps a pointer to the parser inside the parser, so it must not move.
    parser = .allocate(capacity: 1)
    cursor = MarkCursor(bytes, isASCII: check.isASCII, base: check.byteOrderMarkLength)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      return nil
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    let text = UnsafeBufferPointer(rebasing: bytes[check.byteOrderMarkLength...])
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  func next() throws(YAMLProblem) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
    defer { yaml_event_delete(&event) }
    let start = cursor.offset(of: event.start_mark.index)
    let end = max(start, cursor.offset(of: event.end_mark.index))
    var result = YAMLEvent(kind: .streamEnd, anchor: nil, tag: nil, start: start, end: end)
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      let form: YAMLEvent.ScalarForm =
        switch scalar.style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
        default: .plain
        }
      result.kind = .scalar(text, form)
      result.anchor = Self.string(scalar.anchor)
      result.tag = Self.string(scalar.tag)
    case YAML_SEQUENCE_START_EVENT:
      result.kind = .sequenceStart
      result.anchor = Self.string(event.data.sequence_start.anchor)
      result.tag = Self.string(event.data.sequence_start.tag)
    case YAML_MAPPING_START_EVENT:
      result.kind = .mappingStart
      result.anchor = Self.string(event.data.mapping_start.anchor)
      result.tag = Self.string(event.data.mapping_start.tag)
    case YAML_ALIAS_EVENT: result.kind = .alias(Self.string(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_END_EVENT: result.kind = .sequenceEnd
    case YAML_MAPPING_END_EVENT: result.kind = .mappingEnd
    case YAML_STREAM_START_EVENT: result.kind = .streamStart
    case YAML_DOCUMENT_START_EVENT: result.kind = .documentStart
    case YAML_DOCUMENT_END_EVENT: result.kind = .documentEnd
    default: result.kind = .streamEnd
    }
    return result
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
