public import ConfigDocument

/// What one source says of a config: a recipe, a file, the flags. Later layers win, field by field.
public struct Layer: Sendable {
  /// What `explain` calls it.
  public let name: String
  public var assignments: [Assignment]

  /// One value for one field; a path without a field speaks of the whole section: `null`, or present with its defaults.
  public struct Assignment: Sendable {
    public let path: FieldPath
    public let value: ConfigValue
    public let origin: Origin

    public init(_ path: FieldPath, _ value: ConfigValue, _ origin: Origin) {
      self.path = path
      self.value = value
      self.origin = origin
    }
  }

  public init(name: String, assignments: [Assignment] = []) {
    self.name = name
    self.assignments = assignments
  }

  public mutating func assign(_ path: FieldPath, _ value: ConfigValue, _ origin: Origin) {
    assignments.append(Assignment(path, value, origin))
  }

  /// The last value given to a field.
  public func assignment(of path: FieldPath) -> Assignment? {
    assignments.last { $0.path == path }
  }
}

extension LaunchConfig {
  /// Takes a layer's values; their types were checked when the layer was made.
  mutating func apply(_ layer: Layer) {
    // Section by section, in which they mostly come.
    var rest = layer.assignments[...]
    while let name = rest.first?.path.section {
      let ofSection = rest.prefix { $0.path.section == name }
      rest = rest[ofSection.endIndex...]
      guard let section = Self.section(named: name) else { continue }
      // The release is chosen before anything is read; what a base says of another one is past.
      let chosen = section.schema === SoftwareFields.schema ? release.configValue : nil
      self[keyPath: section.storage].apply(ofSection, release: chosen)
    }
  }
}

extension SectionStorage {
  /// - Parameter release: the one that is chosen, in the section that names it.
  fileprivate mutating func apply(_ assignments: ArraySlice<Layer.Assignment>, release: ConfigValue?) {
    let path = Path.software.megatronBridge
    // By index, since a copy of each would count the references of all it holds.
    for index in assignments.indices
    where release == nil || assignments[index].path != path || assignments[index].value == release {
      apply(assignments[index])
    }
  }

  private mutating func apply(_ assignment: Layer.Assignment) {
    let name = assignment.path.field
    if name.isEmpty {
      setPresence(assignment.value != .null, assignment.origin)
    } else if let field = schema.field(named: name) {
      guard field.accepts(assignment.value) else { return }
      set(field, to: assignment.value, assignment.origin)
    } else {
      carry(name, assignment.value, assignment.origin)
    }
  }
}
