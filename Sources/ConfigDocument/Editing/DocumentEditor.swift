import Diagnostics

/// Makes edits of a document's text that change one path and keep everything else, comments and layout included.
///
/// Each edit is tried out before it is handed back: where the text after it would not read as the same tree with just
/// that path changed, an error is thrown instead.
///
/// A path names keys from the root; inside a list, an element is an index from 0.
package struct DocumentEditor {
  let document: ParsedDocument

  package init(_ document: ParsedDocument) { self.document = document }

  /// Replaces the value at a path; a comment behind it stays.
  package func replace(_ path: [String], with value: ConfigValue) throws(EditError) -> [TextEdit] {
    try edits(.replace(path, value))
  }

  /// Gives the key at the end of a path another name.
  package func rename(_ path: [String], to key: String) throws(EditError) -> [TextEdit] {
    try edits(.rename(path, key))
  }

  /// Adds a key and its value at the end of the mapping that the path leads to; mappings on the way that are missing
  /// or empty are added, too.
  package func insert(_ path: [String], _ value: ConfigValue) throws(EditError) -> [TextEdit] {
    try edits(.insert(path, value))
  }

  /// Removes a key and its value: in block style the whole lines, the comment behind it included; in brackets its
  /// comma as well. A mapping that loses its last key becomes `{}`.
  package func remove(_ path: [String]) throws(EditError) -> [TextEdit] {
    try edits(.remove(path))
  }

  /// Makes edits, and checks that they do what is expected and nothing else.
  private func edits(_ change: DocumentChange) throws(EditError) -> [TextEdit] {
    guard let root = document.root else { throw .noTree }
    let expected = try change.applied(to: root, format: document.format)
    var text = document.file.text
    let edits = try text.withUTF8 { buffer -> Result<[TextEdit], EditError> in
      do throws(EditError) {
        return .success(try EditDraft(root, TextBytes(buffer), document).edits(change))
      } catch {
        return .failure(error)
      }
    }.get()
    try EditTrial(document: document, edits: edits, expected: expected).run()
    return edits
  }
}

/// What an edit is to do.
enum DocumentChange {
  case replace([String], ConfigValue)
  case rename([String], String)
  case insert([String], ConfigValue)
  case remove([String])

  /// The tree after the change; ranges in it mean nothing.
  func applied(to root: Node, format: TextFormat) throws(EditError) -> Node {
    switch self {
    case .replace(let path, let value):
      try root.setting(path, to: try value.node(as: format), mustExist: true)
    case .rename(let path, let key): try root.renaming(path, to: key)
    case .insert(let path, let value): try root.setting(path, to: try value.node(as: format), mustExist: false)
    case .remove(let path): try root.removing(path)
    }
  }
}

extension ParsedDocument {
  /// What its text reads as behind some edits.
  package func applying(_ edits: [TextEdit]) -> ParsedDocument {
    let text = file.applying([Fix("", .safe, in: file, edits: edits)]).text
    return DocumentReader.read(text: text, name: file.name, format: format)
  }
}

extension ConfigValue {
  /// On one line, as it stands inside brackets.
  package func flowText(as format: TextFormat) throws(EditError) -> String {
    guard format == .json else { return FlowText.yaml(self) }
    do throws(EmissionError) {
      return try FlowText.json(self)
    } catch {
      throw .notWritable(error)
    }
  }

  /// What is read where its text stands.
  fileprivate func node(as format: TextFormat) throws(EditError) -> Node {
    let text = try flowText(as: format)
    let content: Node.Content
    switch self {
    case .null, .bool, .int, .float: content = .scalar(Scalar(text, format == .json ? .json : .plain))
    case .string(let string): content = .scalar(Scalar(string, text.hasPrefix("\"") ? .quoted : .plain))
    case .list(let items):
      var nodes: [Node] = []
      for item in items { nodes.append(try item.node(as: format)) }
      content = .sequence(nodes)
    case .mapping(let mapping):
      var entries: [Node.Entry] = []
      for entry in mapping.distinctEntries {
        let value = try entry.value.node(as: format)
        entries.append(Node.Entry(key: entry.key, keyRange: value.range, value: value))
      }
      content = .mapping(entries)
    }
    return Node(content, SourceRange(0, 0))
  }
}

/// Why an edit cannot be made.
package enum EditError: Error, Hashable {
  /// The document has no tree.
  case noTree
  /// There is nothing at the path.
  case noSuchPath
  /// There is something at the path already, or a key of that name beside it.
  case alreadyExists
  /// Something on the path is neither a mapping nor empty.
  case notAMapping
  /// Other paths would change as well, since the text at the place stands for them, too (anchors, merge keys).
  case shared
  /// JSON has no such number.
  case notWritable(EmissionError)
  /// The text at the place has a form that this editor does not know.
  case unsupported
}

/// Edits on the way of being made, on the bytes of a text.
struct EditDraft {
  let root: Node
  let bytes: TextBytes
  let document: ParsedDocument

  init(_ root: Node, _ bytes: TextBytes, _ document: ParsedDocument) {
    self.root = root
    self.bytes = bytes
    self.document = document
  }

  /// A value in the tree, and what it stands in.
  struct Place {
    var node: Node
    /// The mapping or list that holds it.
    var parent: Node
    /// The entry it is the value of; `nil` in a list.
    var entry: Node.Entry?
    /// Whether a merge key brought it here from elsewhere.
    var isMerged: Bool
  }

  var isJSON: Bool { document.format == .json }

  /// `key: value` as it stands inside braces, or on a line of its own.
  func entryText(_ key: String, _ value: ConfigValue) throws(EditError) -> String {
    isJSON ? doubleQuoted(key) + ": " + (try value.flowText(as: .json)) : FlowText.entry(key, value)
  }

  func edits(_ change: DocumentChange) throws(EditError) -> [TextEdit] {
    switch change {
    case .replace(let path, let value): return try replace(path, with: value)
    case .insert(let path, let value): return try insert(path, value)
    case .remove(let path): return try remove(path)
    case .rename(let path, let key):
      guard let place = place(path), let entry = place.entry, !place.isMerged else { throw .shared }
      return [TextEdit(entry.keyRange, document.format.text(of: key))]
    }
  }

  func place(_ path: [String]) -> Place? {
    var place: Place?
    var node = root
    for step in path {
      switch node.content {
      case .mapping(let entries):
        guard let entry = entries.first(where: { $0.key == step }) else { return nil }
        place = Place(node: entry.value, parent: node, entry: entry, isMerged: !node.range.contains(entry.keyRange))
        node = entry.value
      case .sequence(let items):
        guard let index = Int(step), items.indices.contains(index) else { return nil }
        place = Place(node: items[index], parent: node, entry: nil, isMerged: false)
        node = items[index]
      case .scalar: return nil
      }
    }
    return place
  }

  /// What the value of an entry takes up in the text: its tag as well, and where it is an alias, `*name`.
  func textRange(of entry: Node.Entry) -> SourceRange {
    let behindColon = self.behindColon(entry)
    let start = bytes.skipVoid(behindColon)
    if entry.value.range.start < entry.keyRange.start {
      // The value stands before its key, so here is an alias.
      var end = start
      while bytes.isPropertyByte(end) { end += 1 }
      return SourceRange(start, end)
    }
    if bytes[start] == UInt8(ascii: "!") { return SourceRange(start, entry.value.range.end) }
    return entry.value.range
  }

  /// Behind the colon of an entry, or behind its key where there is none.
  func behindColon(_ entry: Node.Entry) -> Int {
    let colon = bytes.skipVoid(entry.keyRange.end)
    return bytes[colon] == UInt8(ascii: ":") ? colon + 1 : entry.keyRange.end
  }

  /// The column of an offset, counted from 0 in code points, as YAML counts indentation.
  func column(_ offset: Int) -> Int { document.file.position(at: offset).column - 1 }

  /// Whether a mapping or list is written in brackets.
  func isFlow(_ node: Node) -> Bool { bytes.isBracket(node.range.start) }

  /// How the lines of the text end.
  var lineEnd: String {
    let end = bytes.lineEnd(0)
    return end == bytes.count ? "\n" : bytes.text(end, bytes.behindLineBreak(end))
  }
}

extension SourceRange {
  func contains(_ other: SourceRange) -> Bool { start <= other.start && other.end <= end }
}
