import ConfigDocument
import Exporters
import Foundation
import Releases
import Testing

@testable import LaunchModel

/// Every field of an export is one of the class that it is written under (Tests/Reference/megatron-fields-RELEASE.json).
@Suite struct FieldOwnershipTests {
  static let classes = Dictionary(uniqueKeysWithValues: Release.all.map { ($0, classes(of: $0)) })

  private static func classes(of release: Release) -> [String: Set<String>] {
    let file = Goldens.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Reference/megatron-fields-\(release.megatronBridge).json")
    guard let text = try? String(contentsOf: file, encoding: .utf8),
      case .mapping(let sections)? = DocumentReader.read(text: text, name: "fields", format: .json).root?["sections"]?
        .plainValue
    else { return [:] }
    var classes: [String: Set<String>] = [:]
    for section in sections.entries {
      guard case .mapping(let section) = section.value, case .string(let name)? = section["class"],
        case .list(let fields)? = section["fields"]
      else { continue }
      for case .mapping(let field) in fields where field["init"] == .bool(true) {
        if case .string(let fieldName)? = field["name"] { classes[name, default: []].insert(fieldName) }
      }
    }
    // A base class of HFDatasetConfig, without its own fields.
    let named = "megatron.bridge.data.builders.hf_dataset.HFDatasetConfig"
    classes["megatron.bridge.training.config.FinetuningDatasetConfig"] = classes[named]?.subtracting([
      "dataset_name", "process_example_fn", "dataset_subset", "dataset_dict", "split", "download_mode",
      "val_proportion",
      "split_val_from_train", "delete_raw", "rewrite", "hf_kwargs", "hf_filter_lambda", "hf_filter_lambda_kwargs",
    ])
    return classes
  }

  @Test(arguments: ExportCase.all)
  func everyFieldBelongsToItsClass(_ example: ExportCase) throws {
    let classes = try #require(Self.classes[example.release])
    #expect(classes.count > 15)
    for entry in BridgeConfig.tree(of: example.config).value.entries {
      guard case .mapping(let object) = entry.value else { continue }
      try check(object, entry.key, classes)
    }
  }

  private func check(_ object: ConfigMapping, _ path: String, _ classes: [String: Set<String>]) throws {
    guard case .string(let target)? = object["_target_"], object["_call_"] == nil, object["_partial_"] == nil else {
      return
    }
    let fields = try #require(classes[target], "\(path) is of the unknown class \(target)")
    for entry in object.entries where entry.key != "_target_" {
      #expect(fields.contains(entry.key), "\(path).\(entry.key) is no field of \(target)")
      if case .mapping(let inner) = entry.value { try check(inner, "\(path).\(entry.key)", classes) }
    }
  }

  /// Nothing is dropped without a word: what is neither written nor mentioned is a default.
  @Test(arguments: ExportCase.all)
  func everyFieldIsWrittenOrMentioned(_ example: ExportCase) {
    let exported = BridgeConfig.tree(of: example.config)
    let mentioned = Set(exported.notes.map(\.path))
    var written: Set<String> = []
    for entry in exported.value.entries {
      if case .mapping(let object) = entry.value { written.formUnion(object.entries.map(\.key)) }
    }
    for section in LaunchConfig.sections
    where !["software", "recipe", "cluster", "env_vars", "dataset"].contains(section.schema.name) {
      let storage = example.config[keyPath: section.storage]
      guard storage.isPresent else { continue }
      for field in section.schema.fields where storage.value(of: field) != storage.defaultValue(of: field) {
        let path = FieldPath(section.schema.name, field.name)
        let name = example.release.ownName(of: field.name, in: path.section) ?? field.name
        #expect(written.contains(name) || mentioned.contains(path) || path == Path.peft.peftScheme, "\(path)")
      }
    }
  }
}
