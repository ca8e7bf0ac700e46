import Diagnostics

/// Builds the located tree from libyaml's events: ranges, duplicate keys, anchors, limits.
struct YAMLTreeBuilder {
  /// What the surroundings of a node need to know of it.
  struct Extent {
    /// Where its text ends: for an alias the end of `*name`, since the node itself has the range of the anchor's value.
    var end: Int
    /// Scalars and collections in it.
    var size = 1
    /// Levels of collections in it.
    var height = 0

    /// Takes in what stands inside.
    mutating func cover(_ inner: Extent) {
      end = max(end, inner.end)
      size += inner.size
      height = max(height, inner.height)
    }
  }

  private(set) var diagnostics: [Diagnostic] = []
  private let events: YAMLEventStream
  let bytes: TextBytes
  let file: SourceFile
  /// What each anchor stands for; `nil` while its value is still being read, and where it was refused.
  private var anchors: [String: (node: Node, extent: Extent)?] = [:]
  /// Keys of the mappings that are being read.
  private var path: [String] = []
  private var valueCount = 0
  private var aliasedValueCount = 0
  private let hasTabs: Bool
  private var tabs = TabSeparators()
  /// Of `[…]` and `{…}` around what is read.
  private var bracketDepth = 0

  /// - Parameter hasTabs: the text holds some.
  init(_ events: YAMLEventStream, _ bytes: TextBytes, _ file: SourceFile, hasTabs: Bool) {
    self.hasTabs = hasTabs
    self.events = events
    self.bytes = bytes
    self.file = file
  }

  /// Reads the first document; a second one is reported.
  mutating func readStream() throws(Unreadable) -> Node? {
    _ = try next()
    guard case .documentStart = try next().kind else {
      report(
        .emptyDocument, .error, "the document is empty", help: "`moonlight generate` writes a config to begin with",
        at: SourceRange(0, 0))
      return nil
    }
    let first = try next()
    if case .scalar(.plain, isEmpty: true) = first.kind, first.properties?.tag == nil {
      report(
        .emptyDocument, .error, "the document is empty", help: "`moonlight generate` writes a config to begin with",
        at: SourceRange(0, 0))
    }
    var extent = Extent(end: 0)
    let root = try node(first, depth: 0, within: &extent)
    _ = try next()
    let behind = try next()
    if case .documentStart = behind.kind {
      report(
        .severalDocuments, .error, "a second document begins here; a config is one document",
        help: "put it into a file of its own", at: SourceRange(behind.start, behind.start + 3))
    }
    if diagnostics.contains(where: { $0.code == DocumentRule.emptyDocument.code }) { return nil }
    if hasTabs { reportTabs() }
    return root
  }

  private mutating func reportTabs() {
    for range in tabs.ranges(in: bytes) {
      let place = SourceRange(range.lowerBound, range.upperBound)
      let isTrailing = range.upperBound >= bytes.count || bytes.isLineBreak(range.upperBound)
      // How far a line that goes on is indented must stay: less could end what it belongs to.
      let isIndentation = range.lowerBound == 0 || bytes.isLineBreak(range.lowerBound - 1)
      let spaces = isTrailing ? "" : String(repeating: " ", count: isIndentation ? range.count : 1)
      report(
        .tabSeparator, .warning, "a tab between tokens: PyYAML, which Megatron reads with, refuses it",
        help: isTrailing ? "remove it" : "write a space", at: place,
        fix: Fix(
          isTrailing ? "remove the tab" : "write a space", .safe, in: file,
          edits: [TextEdit(place, spaces)]))
    }
  }

  // MARK: Nodes

  /// The node that begins with an event; `nil` where it was reported as unusable and is to be left out.
  ///
  /// - Parameter surroundings: grow by it.
  private mutating func node(
    _ event: YAMLEvent, depth: Int, within surroundings: inout Extent
  ) throws(Unreadable) -> Node? {
    valueCount += 1
    guard valueCount <= DocumentLimit.valueCount else {
      throw unreadable(
        .tooLarge, "the text holds more than \(DocumentLimit.valueCount) values",
        at: SourceRange(event.start, event.end))
    }
    let anchor = event.properties?.anchor
    if let anchor { anchors[anchor] = .some(nil) }
    var extent = Extent(end: event.end)
    let node: Node?
    switch event.kind {
    case .alias: node = try alias(event, depth: depth, &extent)
    case .scalar(let form, _): node = scalar(form, event, &extent)
    case .sequenceStart: node = try sequence(event, depth: depth + 1, &extent)
    case .mappingStart: node = try mapping(event, depth: depth + 1, &extent)
    default:
      throw unreadable(.syntaxError, "expected a value", at: SourceRange(event.start, event.end))
    }
    if node != nil { surroundings.cover(extent) } else { surroundings.end = max(surroundings.end, event.end) }
    if let anchor { anchors[anchor] = .some(node.map { ($0, extent) }) }
    return node
  }

  private mutating func scalar(_ form: YAMLEvent.ScalarForm, _ event: YAMLEvent, _ extent: inout Extent) -> Node? {
    let text = events.text
    var start = event.start
    if event.properties != nil { start = min(bytes.skipProperties(start), event.end) }
    if form == .block { extent.end = bytes.trimBack(event.end, floor: start) }
    let range = SourceRange(start, extent.end)
    if bracketDepth > 0, form == .plain, text.utf8.contains(UInt8(ascii: "?")) { reportQuestionMark(text, range) }
    guard let tag = event.properties?.tag else {
      return Node(.scalar(Scalar(text, form == .plain ? .plain : .quoted)), range)
    }
    let scalar = Scalar(text, .tagged(Scalar.shortTag(tag)))
    guard scalar.fitsItsTag else {
      reportTag(tag, event, text: text)
      return nil
    }
    return Node(.scalar(scalar), range)
  }

  private mutating func reportQuestionMark(_ text: String, _ range: SourceRange) {
    let quoted = "'" + text.replacing("'", with: "''") + "'"
    report(
      .questionMark, .warning,
      "a question mark within brackets: PyYAML, which Megatron reads with, ends the text there",
      help: "put the text in quotes", at: range,
      fix: Fix("write \(shortened(quoted))", .safe, in: file, edits: [TextEdit(range, quoted)]))
  }

  private mutating func sequence(
    _ event: YAMLEvent, depth: Int, _ extent: inout Extent
  ) throws(Unreadable) -> Node? {
    try checkDepth(depth, event)
    let start = contentStart(event)
    let isBracketed = bytes[start] == UInt8(ascii: "[")
    bracketDepth += isBracketed ? 1 : 0
    defer { bracketDepth -= isBracketed ? 1 : 0 }
    var items: [Node] = []
    extent.end = start
    while true {
      let next = try self.next()
      if case .sequenceEnd = next.kind {
        if isBracketed { extent.end = next.end }
        break
      }
      if let item = try node(next, depth: depth, within: &extent) { items.append(item) }
    }
    extent.height += 1
    guard checkTag(event, of: "seq") else { return nil }
    return Node(.sequence(items), SourceRange(start, extent.end))
  }

  private mutating func mapping(_ event: YAMLEvent, depth: Int, _ extent: inout Extent) throws(Unreadable) -> Node? {
    try checkDepth(depth, event)
    let start = contentStart(event)
    let isBraced = bytes[start] == UInt8(ascii: "{")
    bracketDepth += isBraced ? 1 : 0
    defer { bracketDepth -= isBraced ? 1 : 0 }
    var keys = MappingKeys()
    var merges: [Node] = []
    extent.end = start
    while true {
      let next = try self.next()
      if case .mappingEnd = next.kind {
        if isBraced { extent.end = next.end }
        break
      }
      let key = try self.key(next, depth: depth)
      extent.cover(Extent(end: key.end))
      var valueEvent = try self.next()
      placeIfEmpty(&valueEvent, behind: key.end)
      path.append(key.text ?? "")
      let value = try node(valueEvent, depth: depth, within: &extent)
      path.removeLast()
      guard let text = key.text else { continue }
      if let first = keys.range(of: text, isMerge: key.isMerge) {
        diagnostics.note(duplicateKey(path + [text], key.range, first: first, in: file))
        continue
      }
      if key.isMerge {
        keys.noteMerge(key.range)
        guard let value else { continue }
        merges += mergeSources(value, at: SourceRange(valueEvent.start, extent.end))
      } else if let value = consume value {
        keys.append(Node.Entry(key: text, keyRange: key.range, value: value))
      } else {
        keys.refuse(text, key.range)
      }
    }
    extent.height += 1
    for source in merges {
      for entry in source.entries ?? [] where keys.range(of: entry.key, isMerge: false) == nil {
        keys.append(entry)
      }
    }
    guard checkTag(event, of: "map") else { return nil }
    return Node(.mapping(keys.entries), SourceRange(start, extent.end))
  }

  private mutating func alias(_ event: YAMLEvent, depth: Int, _ extent: inout Extent) throws(Unreadable) -> Node? {
    let name = events.text
    let range = SourceRange(event.start, event.end)
    guard let known = anchors[name] else {
      report(
        .undefinedAlias, .error, "the alias `*\(shortened(name))` has no anchor `&\(shortened(name))` before it",
        help: "define `&\(shortened(name))` earlier in the file, or quote the text if it should begin with `*`",
        at: range
      )
      return nil
    }
    guard let (node, anchored) = known else {
      report(
        .undefinedAlias, .error,
        "the alias `*\(shortened(name))` stands for a value that is not complete or not usable",
        help: "an alias cannot stand inside its own anchor's value", at: range)
      return nil
    }
    aliasedValueCount += anchored.size
    guard aliasedValueCount <= DocumentLimit.aliasedValueCount else {
      throw unreadable(
        .aliasExpansion, "aliases unfold to more than \(DocumentLimit.aliasedValueCount) values",
        help: "write out what is meant", at: range)
    }
    guard depth + anchored.height <= DocumentLimit.depth else { throw tooDeep(range) }
    extent = Extent(end: event.end, size: anchored.size, height: anchored.height)
    return node
  }

  // MARK: Keys

  private struct Key {
    /// `nil` where the entry is to be left out.
    var text: String?
    var range: SourceRange
    var end: Int
    var isMerge = false
  }

  private mutating func key(_ event: YAMLEvent, depth: Int) throws(Unreadable) -> Key {
    var extent = Extent(end: event.start)
    guard let node = try node(event, depth: depth, within: &extent) else {
      return Key(text: nil, range: SourceRange(event.start, event.end), end: event.end)
    }
    // An alias as a key stands where it is written, not where its anchor is.
    let isAlias = if case .alias = event.kind { true } else { false }
    let range = isAlias ? SourceRange(event.start, event.end) : node.range
    guard let scalar = node.scalar else {
      report(
        .badKey, .error, "a list or a mapping cannot be a key here",
        help: "a text that begins with `[` or `{` must be quoted", at: range)
      return Key(text: nil, range: range, end: extent.end)
    }
    if scalar.text.isEmpty, scalar.style == .plain {
      report(.badKey, .error, "a key is missing before this colon", at: range)
      return Key(text: nil, range: range, end: extent.end)
    }
    if scalar.style == .plain, scalar.text == "<<" {
      return Key(text: scalar.text, range: range, end: extent.end, isMerge: true)
    }
    if let other = scalar.nonStringReading {
      let quoted = doubleQuoted(scalar.text)
      report(
        .badKey, .warning, "the key `\(shortened(scalar.text))` is \(other) to YAML readers, not a string",
        help: "quote it", at: range, key: scalar.text,
        fix: isAlias ? nil : Fix("write \(quoted)", .safe, in: file, edits: [TextEdit(range, quoted)]))
    }
    return Key(text: scalar.text, range: range, end: extent.end)
  }

  private mutating func mergeSources(_ value: Node, at range: SourceRange) -> [Node] {
    let sources = value.items ?? [value]
    guard sources.allSatisfy({ $0.entries != nil }) else {
      report(
        .badMergeKey, .error, "the value of `<<` must be a mapping or a list of mappings",
        help: "write `<<: *name` with the anchor of a mapping", at: range)
      return []
    }
    return sources
  }

  /// Moves an empty value to right behind its colon; libyaml puts some of them before the next token.
  private func placeIfEmpty(_ event: inout YAMLEvent, behind keyEnd: Int) {
    guard case .scalar(.plain, isEmpty: true) = event.kind, event.start == event.end else { return }
    let colon = bytes.skipVoid(keyEnd)
    let place = bytes[colon] == UInt8(ascii: ":") ? colon + 1 : keyEnd
    (event.start, event.end) = (place, place)
  }

  // MARK: Reports

  private mutating func next() throws(Unreadable) -> YAMLEvent {
    do throws(YAMLProblem) {
      let event = try events.next()
      if hasTabs { tabs.note(event, bytes) }
      return event
    } catch {
      throw Unreadable(YAMLSyntaxError(error, bytes, file).diagnostic)
    }
  }

  /// Where a collection's own text begins, behind its anchor and tag.
  private func contentStart(_ event: YAMLEvent) -> Int {
    event.properties == nil ? event.start : bytes.skipProperties(event.start)
  }

  private func checkDepth(_ depth: Int, _ event: YAMLEvent) throws(Unreadable) {
    if depth > DocumentLimit.depth { throw tooDeep(SourceRange(event.start, event.end)) }
  }

  private func tooDeep(_ range: SourceRange) -> Unreadable {
    unreadable(
      .tooDeep, "more than \(DocumentLimit.depth) lists and mappings stand inside each other here",
      help: "check for brackets that are opened and never closed", at: range)
  }

  private mutating func checkTag(_ event: YAMLEvent, of kind: String) -> Bool {
    guard let tag = event.properties?.tag, tag != "!", Scalar.shortTag(tag) != "!!" + kind else { return true }
    reportTag(tag, event, text: nil)
    return false
  }

  private mutating func reportTag(_ tag: String, _ event: YAMLEvent, text: String?) {
    let isKnown = Scalar.knownTags.contains(Scalar.shortTag(tag))
    let short = shortened(Scalar.shortTag(tag))
    let what = text.map { "`\(shortened($0))`" } ?? "this value"
    report(
      .badTag, .error, isKnown ? "\(what) is no \(short)" : "the tag `\(short)` is not supported",
      help: isKnown
        ? "correct the value, or remove the tag" : "remove it, or quote the text if it should begin with `!`",
      at: SourceRange(event.start, text == nil ? bytes.trimBack(contentStart(event), floor: event.start) : event.end))
  }

  private mutating func report(
    _ rule: DocumentRule, _ severity: Severity, _ message: String, help: String? = nil, at range: SourceRange,
    key: String? = nil, fix: Fix? = nil
  ) {
    let place = (path + (key.map { [$0] } ?? [])).joined(separator: ".")
    diagnostics.note(
      Diagnostic(
        rule.code, severity, message, help: help, path: place, at: SourceLocation(file, range),
        fix: fix))
  }

  private func unreadable(
    _ rule: DocumentRule, _ message: String, help: String? = nil, at range: SourceRange
  ) -> Unreadable {
    Unreadable(Diagnostic(rule.code, .error, message, help: help, at: SourceLocation(file, range)))
  }
}
