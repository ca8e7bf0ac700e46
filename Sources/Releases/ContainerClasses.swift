/// The classes that a `ConfigContainer` is made of, and which sections of a launch config hold their fields.
public struct ContainerClasses: Sendable {
  /// The class of the whole.
  public let container: String
  /// The attributes that sections stand for, in the order of export.
  public let attributes: [ContainerAttribute]
  /// Modules and classes of model providers that add nothing but defaults to the fields of the one that is written; by
  /// the beginning of their names.
  public let plainModelProviders: [String]
  /// The decoder's block spec, which honours `moe_layer_freq`.
  public let blockSpec: String
  public let adapters: AdapterClasses
  /// The classes of `dataset`.
  public let datasets: DatasetClasses
  /// Places in ``attributes``: asked for every field that is read or written.
  private let placesByName: [String: Int]
  private let placesBySection: [String: Int]

  init(
    container: String, attributes: [ContainerAttribute], plainModelProviders: [String], blockSpec: String,
    adapters: AdapterClasses, datasets: DatasetClasses
  ) {
    self.container = container
    self.attributes = attributes
    self.plainModelProviders = plainModelProviders
    self.blockSpec = blockSpec
    self.adapters = adapters
    self.datasets = datasets
    let places = attributes.enumerated()
    placesByName = Dictionary(places.map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    placesBySection = Dictionary(
      places.flatMap { place, attribute in attribute.sections.map { ($0, place) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The attribute of a name.
  public func attribute(named name: String) -> ContainerAttribute? { placesByName[name].map { attributes[$0] } }

  /// The attribute that holds the fields of a section.
  public func attribute(ofSection section: String) -> ContainerAttribute? {
    placesBySection[section].map { attributes[$0] }
  }
}

extension Release {
  /// The container's attributes that no section stands for.
  public var unmodelledAttributes: [String] {
    fields.fields(of: "container").map(\.name).filter { description.classes.attribute(named: $0) == nil }
  }

  /// The container's attributes without a default.
  public var requiredAttributes: [String] { fields.fields(of: "container").filter(\.isRequired).map(\.name) }

  /// Whether the container holds environment variables, which it sets where nobody has.
  public var holdsEnvironment: Bool { fields.field("env_vars", of: "container") != nil }

  /// The class of an attribute that is written. For `dataset` and `peft`, where a value chooses it, one of several.
  public func className(of attribute: ContainerAttribute) -> String {
    fields.className(of: attribute.fieldClasses[0]) ?? ""
  }

  /// Whether a class has exactly the fields that are known of an attribute: its own class, a parent that this one
  /// re-exports, or a provider of the same family that adds nothing but defaults.
  public func isOwn(_ target: String, of attribute: ContainerAttribute) -> Bool {
    if target == className(of: attribute) || attribute.sameClasses.contains(target) { return true }
    return attribute.name == "model" && fields.hasClass(target)
      && description.classes.plainModelProviders.contains { target.hasPrefix($0) }
  }
}

/// One attribute of a `ConfigContainer`.
public struct ContainerAttribute: Sendable {
  /// As in `optimizer`.
  public let name: String
  /// Other names of its class with the same fields: what the class is imported as, or its parent that it adds nothing to.
  public let sameClasses: [String]
  /// The sections of a launch config that hold its fields. Fields without a property of ours go to the first one.
  public let sections: [String]
  /// The classes of the ``FieldTable`` whose fields it has; where two have the same field, the first one counts.
  public let fieldClasses: [String]

  init(
    _ name: String, sameAs sameClasses: [String] = [], sections: [String]? = nil, fieldsOf fieldClasses: [String]? = nil
  ) {
    self.name = name
    self.sameClasses = sameClasses
    self.sections = sections ?? [name]
    self.fieldClasses = fieldClasses ?? [name]
  }
}

/// The classes of a container's `peft`.
public struct AdapterClasses: Sendable {
  public let lora: String
  public let dora: String
}
