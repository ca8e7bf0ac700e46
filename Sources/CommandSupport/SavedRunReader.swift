import ConfigDocument
import Diagnostics
import FileAccess
import LaunchModel
import Releases
import Validation

/// Finds what the checkpoint that a config loads says of the run that wrote it.
///
/// A relative path begins where the program runs or, where nothing lies there, at the config's folder.
struct SavedRunReader {
  private let file: String
  private let loader: (String) -> ConfigLoader

  /// - Parameters:
  ///   - file: the config's.
  ///   - loader: of a file.
  init(file: String, loader: @escaping (String) -> ConfigLoader) {
    (self.file, self.loader) = (file, loader)
  }

  /// `nil` where no checkpoint is at hand, or it says nothing.
  ///
  /// - Parameter resumes: whether what lies in `load` is gone on from.
  func savedRun(of config: LaunchConfig, resumes: Bool) -> SavedRun? {
    let checkpoint = config.checkpoint
    let places = [
      (Path.checkpoint.load, resumes ? checkpoint.load : nil, checkpoint.ckptStep),
      (Path.checkpoint.pretrainedCheckpoint, checkpoint.pretrainedCheckpoint, nil),
    ]
    for case (let path, let folder?, let step) in places {
      let beside = ConfigLoader.sourcedPath(folder, in: file)
      switch [folder, beside].lazy.compactMap({ CheckpointFolder.description(in: $0, step: step) }).first {
      case .runConfig(let found)?:
        guard let loaded = try? loader(found).load(found) else { continue }
        let hasModel = loaded.document.root?[Path.model.whole.section] != nil
        guard hasModel, !loaded.document.isUnreadable else { continue }
        let names = BridgeRecognition(loaded.document)
        return SavedRun(loaded.resolution.config, at: path, fitsRelease: names.fits(config.release))
      case .trainerState(let found)?:
        guard let saved = savedConfig(ofState: found) else { continue }
        return SavedRun(saved, by: .cpuEngine, at: path, fitsRelease: true)
      case nil: continue
      }
    }
    return nil
  }

  /// The config in a `trainer_state.json`: each field's path with its value as text.
  private func savedConfig(ofState path: String) -> LaunchConfig? {
    guard let state = try? loader(path).document(path, format: .json), !state.isUnreadable,
      let fields = state.root?["config"]?.entries
    else { return nil }
    let named = Path.software.megatronBridge.description
    let release = Release.all.first { release in
      fields.contains { $0.key == named && $0.value.scalar?.text == FlowText.yaml(.string(release.megatronBridge)) }
    }
    var root: [Node.Entry] = []
    for field in fields {
      guard let value = value(field.value) else { continue }
      let parts = field.key.split(separator: ".", maxSplits: 1).map(String.init)
      guard parts.count == 2, let schema = LaunchConfig.section(named: parts[0])?.schema else {
        root.append(Node.Entry(key: field.key, keyRange: field.keyRange, value: value))
        continue
      }
      let name = schema.name(of: schema.identity(of: parts[1]), in: release ?? .beforeNaming)
      let entry = Node.Entry(key: name, keyRange: field.keyRange, value: value)
      if let index = root.firstIndex(where: { $0.key == parts[0] }), let others = root[index].value.entries {
        root[index].value.content = .mapping(others + [entry])
      } else {
        root.append(
          Node.Entry(key: parts[0], keyRange: field.keyRange, value: Node(.mapping([entry]), field.value.range)))
      }
    }
    guard !root.isEmpty else { return nil }
    let document = ParsedDocument(
      file: state.file, root: Node(.mapping(root), SourceRange(0, 0)), diagnostics: [])
    return loader(path).load(document, path: path).resolution.config
  }

  private func value(_ text: Node) -> Node? {
    text.scalar.flatMap { DocumentReader.read(text: $0.text, name: "", format: .yaml).root }
  }
}
