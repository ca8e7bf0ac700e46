public import Diagnostics

/// Where a value comes from.
public enum Origin: Sendable {
  /// The schema's default, which is Megatron's.
  case schemaDefault
  /// A line of a recipe written in Swift.
  case recipe(name: String, fileID: String, line: UInt)
  /// A place in a config file.
  case file(value: SourceLocation, key: SourceRange)
  /// A `--set section.field=value`, or a flag of `generate`.
  case flag(String, value: SourceLocation?)
  /// Assigned by a program that uses the library, such as the planner.
  case program
  /// Computed from other values after all layers.
  case derived(reason: String, from: [FieldPath])

  /// Where the value can be read, and edited if it is a file.
  public var location: SourceLocation? {
    switch self {
    case .file(let value, _): value
    case .flag(_, let value): value
    case .schemaDefault, .recipe, .program, .derived: nil
    }
  }

  /// `default`, `recipe Recipes/Moonlight.swift:12`, `pretrain.yaml:14:5`, `--set …`, `derived: …`.
  public var description: String { message.text }

  /// The same for the reader of any kind of file.
  package var message: Message {
    switch self {
    case .schemaDefault: "default"
    case .recipe(let name, let fileID, let line): "recipe \(name), \(fileID):\(line)"
    case .file(let value, _): Message(value.description)
    case .flag(let flag, _): Message(flag)
    case .program: "set by the program"
    case .derived(let reason, let from) where from.isEmpty: "derived: \(reason)"
    case .derived(let reason, let from): "derived from \(list: from): \(reason)"
    }
  }
}
