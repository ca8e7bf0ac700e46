import Diagnostics

/// The same changes on a tree: what an edit of the text is checked against. Ranges mean nothing in the results.
extension Node {
  /// With a value set at a path; missing or empty mappings on the way are added, unless it must exist already.
  func setting(_ path: [String], to value: Node, mustExist: Bool) throws(EditError) -> Node {
    guard let step = path.first else {
      if !mustExist { throw .alreadyExists }
      return value
    }
    let rest = Array(path.dropFirst())
    switch content {
    case .mapping(var entries):
      if let index = entries.firstIndex(where: { $0.key == step }) {
        entries[index].value = try entries[index].value.setting(rest, to: value, mustExist: mustExist)
      } else {
        if mustExist { throw .noSuchPath }
        entries.append(Entry(key: step, keyRange: range, value: value.nested(in: rest)))
      }
      return Node(.mapping(entries), range)
    case .sequence(var items):
      guard let index = Int(step), items.indices.contains(index) else { throw .noSuchPath }
      items[index] = try items[index].setting(rest, to: value, mustExist: mustExist)
      return Node(.sequence(items), range)
    case .scalar(let scalar):
      if mustExist { throw .noSuchPath }
      guard scalar.value(in: .v1_2) == .null else { throw .notAMapping }
      return value.nested(in: path)
    }
  }

  /// As the only value of mappings for the steps of a path.
  private func nested(in path: [String]) -> Node {
    path.reversed().reduce(self) { Node(.mapping([Entry(key: $1, keyRange: range, value: $0)]), range) }
  }

  func renaming(_ path: [String], to key: String) throws(EditError) -> Node {
    try changingEntries(path) { entries, index throws(EditError) in
      guard entries[index].key == key || !entries.contains(where: { $0.key == key }) else { throw .alreadyExists }
      entries[index].key = key
    }
  }

  func removing(_ path: [String]) throws(EditError) -> Node {
    try changingEntries(path) { entries, index in entries.remove(at: index) }
  }

  /// Changes the mapping that holds the entry at a path.
  private func changingEntries(
    _ path: [String], _ change: (inout [Entry], Int) throws(EditError) -> Void
  ) throws(EditError) -> Node {
    guard let step = path.first else { throw .noSuchPath }
    let rest = Array(path.dropFirst())
    switch content {
    case .mapping(var entries):
      guard let index = entries.firstIndex(where: { $0.key == step }) else { throw .noSuchPath }
      if rest.isEmpty {
        try change(&entries, index)
      } else {
        entries[index].value = try entries[index].value.changingEntries(rest, change)
      }
      return Node(.mapping(entries), range)
    case .sequence(var items):
      guard let index = Int(step), items.indices.contains(index), !rest.isEmpty else { throw .noSuchPath }
      items[index] = try items[index].changingEntries(rest, change)
      return Node(.sequence(items), range)
    case .scalar: throw .noSuchPath
    }
  }

  /// Whether both hold the same values, in whatever order the keys stand.
  package func hasSameContent(as other: Node) -> Bool {
    switch (content, other.content) {
    case (.scalar(let left), .scalar(let right)): return left == right
    case (.sequence(let left), .sequence(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.hasSameContent(as: $1) }
    case (.mapping(let left), .mapping(let right)):
      guard left.count == right.count else { return false }
      // An edit mostly leaves the keys in their order.
      if left.indices.allSatisfy({ left[$0].key == right[$0].key }) {
        return left.indices.allSatisfy { left[$0].value.hasSameContent(as: right[$0].value) }
      }
      var values: [String: Node] = [:]
      for entry in right { values[entry.key] = entry.value }
      return left.allSatisfy { entry in values[entry.key].map { entry.value.hasSameContent(as: $0) } ?? false }
    default: return false
    }
  }
}
