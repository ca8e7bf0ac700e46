/// A class of a container's `dataset`: where its data come from, and where it holds the fields of a launch config's
/// `dataset`.
public struct DatasetClass: Sendable {
  public enum Source: Sendable, CaseIterable {
    /// Tokens to pretrain on.
    case tokens
    /// Random tokens to pretrain on.
    case mockTokens
    /// Examples to finetune on, in files of one's own.
    case files
    /// Examples to finetune on: a dataset of Hugging Face by its name.
    case huggingFace
  }

  public let source: Source
  /// The full name.
  public let className: String
  /// Other classes of the same fields.
  public fileprivate(set) var sameClasses: [String] = []
  /// The class of the ``FieldTable`` whose fields it has.
  let fieldClass: String
  /// Of these fields, those that it lacks.
  var lacks: Set<String> = []
  /// The fields that stand elsewhere than under their own name, with the keys behind `dataset` that lead to them.
  public fileprivate(set) var places: [String: [String]] = [:]
  /// Further keys behind `dataset` under which a field is read; nothing is written there.
  public fileprivate(set) var otherPlaces: [String: [String]] = [:]
  /// The objects within it that hold fields of `dataset` and nothing else, by key, with their classes.
  public fileprivate(set) var objects: [String: String] = [:]
  /// What becomes of a dataset's name; `nil` for a class that takes files.
  public fileprivate(set) var namedDatasets: NamedDatasets?
  /// The field that says whether examples are packed beforehand, where an object with how does not say so by itself.
  public fileprivate(set) var packingSwitch: String?
  /// What its constructor takes and does not keep.
  public fileprivate(set) var constructorOnly: Set<String> = []

  /// Whether it holds tokens to pretrain on; else examples to finetune on.
  public var isPretraining: Bool { source == .tokens || source == .mockTokens }

  /// Tokens. The class is the same in every release.
  static func pretraining(_ source: Source, _ className: String) -> DatasetClass {
    var result = DatasetClass(source: source, className: className, fieldClass: "dataset_pretrain")
    result.places = ["kind": ["_target_"], "seq_length": ["sequence_length"], "data_paths": ["blend"]]
    result.otherPlaces = ["seq_length": ["seq_length"]]
    result.constructorOnly = ["skip_getting_attention_mask_from_dataset"]
    return result
  }

  /// Examples.
  ///
  /// - Parameters:
  ///   - lacks: of the fields of the table's class, those that this one lacks.
  ///   - objects: each with its class and the fields that it holds.
  ///   - renames: the names of fields that have another one here.
  static func finetuning(
    _ source: Source, _ className: String, sameAs sameClasses: [String] = [], lacks: Set<String> = [],
    objects: [(key: String, className: String, fields: [String])], renames: [String: String] = [:],
    named: NamedDatasets? = nil, packingSwitch: String? = nil
  ) -> DatasetClass {
    var result = DatasetClass(source: source, className: className, fieldClass: "dataset_finetune", lacks: lacks)
    result.sameClasses = sameClasses
    result.places = [
      "kind": ["_target_"], "random_seed": ["seed"], "data_paths": ["dataset_root"],
      "answer_only_loss": ["dataset_kwargs", "answer_only_loss"],
    ]
    result.namedDatasets = named
    result.packingSwitch = packingSwitch
    for (field, name) in renames { result.places[field] = [name] }
    for object in objects {
      result.objects[object.key] = object.className
      for field in object.fields { result.places[field] = [object.key, field] }
    }
    return result
  }
}

/// How a dataset of Hugging Face is taken by its name.
public enum NamedDatasets: Sendable {
  /// `process_example_fn` turns each example into input and output; of some datasets the release brings the function.
  case functions([String: String])
  /// The release knows some datasets with the splits that they have, and takes any other by its path. The class says
  /// what an example becomes; as input and output by `examples`, in a field `preprocessing`.
  case sources([String: [String]], chat: String, examples: String)

  /// The name under which the release knows a dataset: `squad` for `rajpurkar/squad`.
  public func knownName(of dataset: String) -> String? {
    let known: Set<String> =
      switch self {
      case .functions(let functions): Set(functions.keys)
      case .sources(let sources, _, _): Set(sources.keys)
      }
    let short = Self.shortNames[dataset] ?? dataset
    return known.contains(short) ? short : nil
  }

  private static let shortNames = ["rajpurkar/squad": "squad", "openai/gsm8k": "gsm8k"]
}

/// The classes of a release's `dataset`, one for each source of data.
public struct DatasetClasses: Sendable {
  let tokens, mockTokens, files, huggingFace: DatasetClass

  /// The class for data of a source.
  public subscript(source: DatasetClass.Source) -> DatasetClass {
    switch source {
    case .tokens: tokens
    case .mockTokens: mockTokens
    case .files: files
    case .huggingFace: huggingFace
    }
  }

  public var all: [DatasetClass] { DatasetClass.Source.allCases.map { self[$0] } }
}

extension Release {
  /// Whether a dataset's class has a field that a file can hold under its own name.
  public func hasField(_ name: String, in dataset: DatasetClass) -> Bool {
    fields.field(name, of: dataset.fieldClass)?.type != nil && !dataset.lacks.contains(name)
  }

  /// Whether a dataset's class declares a name, or takes it, whether a file can hold it or not.
  public func declares(_ name: String, in dataset: DatasetClass) -> Bool {
    dataset.constructorOnly.contains(name)
      || fields.field(name, of: dataset.fieldClass) != nil && !dataset.lacks.contains(name)
  }
}
