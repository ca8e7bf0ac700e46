extension ShellScript {
  /// What a variable holds. It changes in place, since a loop may change it some ten thousand times.
  enum Value {
    case scalar(LocatedText)
    case array([LocatedText])
    /// Of `declare -A`.
    case table(Table)

    /// The items of `declare -A`, in the order of the text.
    struct Table {
      private(set) var items: [(key: String, value: LocatedText)] = []
      private var places: [String: Int] = [:]

      subscript(key: String) -> LocatedText? { places[key].map { items[$0].value } }

      mutating func set(_ key: String, _ value: LocatedText) {
        if let place = places[key] {
          items[place].value = value
        } else {
          places[key] = items.count
          items.append((key, value))
        }
      }

      mutating func remove(_ key: String) {
        guard let place = places.removeValue(forKey: key) else { return }
        items.remove(at: place)
        for (index, item) in items.enumerated().dropFirst(place) { places[item.key] = index }
      }
    }

    /// What `+=` does.
    mutating func append(_ more: Value) {
      switch more {
      case .scalar(let text):
        if isScalar {
          changeText { $0.append(text) }
        } else if isArray {
          // The first item of an array goes by its name alone.
          changeItems { items in
            if items.isEmpty { items.append(LocatedText()) }
            items[0].append(text)
          }
        } else {
          self = more
        }
      case .array(let items):
        if isScalar || isArray { changeItems { $0 += items } } else { self = more }
      case .table(let table):
        if isScalar || isArray {
          self = more
        } else {
          changeTable { for (key, value) in table.items { $0.set(key, value) } }
        }
      }
    }

    private var isScalar: Bool { if case .scalar = self { true } else { false } }
    private var isArray: Bool { if case .array = self { true } else { false } }

    // Each of these leaves the value empty meanwhile, so that nothing else holds what changes and it need not be copied.

    /// - Parameter change: of the items of an array; of a scalar, which is its own first item; of none for a table.
    mutating func changeItems(_ change: (inout [LocatedText]) -> Void) {
      var items: [LocatedText] =
        switch self {
        case .scalar(let text): [text]
        case .array(let items): items
        case .table: []
        }
      self = .array([])
      change(&items)
      self = .array(items)
    }

    /// - Parameter change: of a scalar.
    private mutating func changeText(_ change: (inout LocatedText) -> Void) {
      guard case .scalar(var text) = self else { return }
      self = .array([])
      change(&text)
      self = .scalar(text)
    }

    /// - Parameter change: of a table.
    mutating func changeTable(_ change: (inout Table) -> Void) {
      guard case .table(var table) = self else { return }
      self = .array([])
      change(&table)
      self = .table(table)
    }
  }
}
