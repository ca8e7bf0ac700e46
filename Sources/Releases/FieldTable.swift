/// Every field of a release's config classes, as `Tests/Reference` reads them from the real packages.
///
/// Its text has a line for each class, with a key and the class's full name, and below it a line for each field, which
/// begins with a tab: name, type and default. A line of an attribute, `class` and a name is a class that the attribute
/// may be of.
public struct FieldTable: Sendable {
  private let classes: [String: ConfigClass]
  private let choices: [String: [String]]
  private let classNames: Set<String>

  /// One class.
  private struct ConfigClass: Sendable {
    let name: String
    private(set) var fields: [ClassField] = []
    private var places: [String: Int] = [:]

    init(name: String) { self.name = name }

    mutating func append(_ field: ClassField) {
      places[field.name] = fields.count
      fields.append(field)
    }

    func field(_ name: String) -> ClassField? { places[name].map { fields[$0] } }
  }

  init(_ text: String) {
    var classes: [String: ConfigClass] = [:]
    var choices: [String: [String]] = [:]
    var classNames: Set<String> = []
    var current = (key: "", class: ConfigClass(name: ""))
    TableLines.forEach(of: text) { columns in
      switch columns.count {
      case 4 where columns.isEmpty(0):
        let type = columns.text(2)
        current.class.append(
          ClassField(name: columns.text(1), type: type == "-" ? nil : type, defaultText: columns.text(3)))
      case 2:
        if !current.key.isEmpty { classes[current.key] = current.class }
        current = (columns.text(0), ConfigClass(name: columns.text(1)))
        classNames.insert(current.class.name)
      case 3:
        choices[columns.text(0), default: []].append(columns.text(2))
        classNames.insert(columns.text(2))
      default: break
      }
    }
    if !current.key.isEmpty { classes[current.key] = current.class }
    self.classes = classes
    self.choices = choices
    self.classNames = classNames
  }

  /// The keys of all classes.
  public var keys: [String] { classes.keys.sorted() }

  /// The full name of a class: `megatron.bridge.training.config.TrainingConfig` for `train`.
  public func className(of key: String) -> String? { classes[key]?.name }

  /// Whether there is a class under a key.
  public func isClass(_ key: String) -> Bool { classes[key] != nil }

  /// Whether the release's packages have a class, or another name of one, that a container can be made of.
  public func hasClass(_ name: String) -> Bool { classNames.contains(name) }

  /// Whether a class goes by a name in any module.
  public func hasClass(named name: some StringProtocol) -> Bool {
    classNames.contains { $0.split(separator: ".").last.map { $0 == name } ?? false }
  }

  /// The full names of the classes that an attribute of a container may be of, where there are several.
  public func classes(ofAttribute name: String) -> [String] { choices[name] ?? [] }

  /// The fields of a class, in its own order.
  public func fields(of key: String) -> [ClassField] { classes[key]?.fields ?? [] }

  public func field(_ name: String, of key: String) -> ClassField? { classes[key]?.field(name) }

  /// Whether one of some classes has a field of the name.
  public func hasField(_ name: String, ofAny keys: [String]) -> Bool { keys.contains { field(name, of: $0) != nil } }

  /// Whether any class has a field of the name.
  public func hasField(_ name: String) -> Bool { classes.values.contains { $0.field(name) != nil } }
}

/// A field of one of Megatron's config classes.
public struct ClassField: Hashable, Sendable {
  public let name: String
  /// `int`, `bool?` (or null), `[float]` (a list), `a|b` (one of these words), `any`; `nil` for what no file can hold:
  /// a function, or what the class computes itself.
  public let type: String?
  /// The class's default, as JSON.
  public let defaultText: String

  /// Whether the class cannot be made without it.
  public var isRequired: Bool { defaultText == #""<required>""# }

  public init(name: String, type: String?, defaultText: String) {
    self.name = name
    self.type = type
    self.defaultText = defaultText
  }
}
