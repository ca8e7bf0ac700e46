import ConfigDocument
import FileAccess
import LaunchModel
import Releases

// What no launcher can honour: one problem for each setting.
extension LaunchSettings {
  func checkTexts(_ remarks: inout ExportRemarks) {
    // The run's own folder is unfit for the sake of its name.
    if unfitForOneLine(directory), !unfitForOneLine(config.runDirectory) {
      remarks.problem(
        Path.recipe.dir, "the launch's folder \(shown(directory)) holds a line break or control character")
    }
    let paths: [(FieldPath, String?)] = [
      (Path.recipe.name, config.recipe.name), (Path.recipe.dir, config.recipe.dir),
      (Path.checkpoint.save, config.checkpoint.save), (Path.checkpoint.load, config.checkpoint.load),
      (Path.checkpoint.pretrainedCheckpoint, config.checkpoint.pretrainedCheckpoint),
      (Path.logger.tensorboardDir, config.logger.tensorboardDir),
      (Path.dataset.pathToCache, config.dataset.pathToCache),
      (Path.tokenizer.tokenizerModel, config.tokenizer.tokenizerModel),
      (Path.cluster.account, config.cluster.account), (Path.cluster.partition, config.cluster.partition),
      (Path.cluster.qos, config.cluster.qos), (Path.cluster.timeLimit, config.cluster.timeLimit),
      (Path.cluster.gpuType, config.cluster.gpuType), (Path.cluster.containerImage, config.cluster.containerImage),
    ]
    let data = config.dataset
    let sources: [(FieldPath, String?)] =
      data.dataPaths.map { (Path.dataset.dataPaths, $0.path) }
      + data.validDataPaths.map { (Path.dataset.validDataPaths, $0.path) }
      + data.testDataPaths.map { (Path.dataset.testDataPaths, $0.path) }
      + config.cluster.containerMounts.map { (Path.cluster.containerMounts, $0) }
      + config.cluster.sbatchOptions.map { (Path.cluster.sbatchOptions, $0) }
    for (path, text) in paths + sources {
      // What is made of another field is unfit for that field's sake.
      guard let text, unfitForOneLine(text), !config.isDerived(path) else { continue }
      remarks.problem(path, "\(shown(text)) holds a line break or control character, which no path or option can")
    }
  }

  /// Data may lie where the launch runs, and not here: whoever misspelled them is told.
  func checkData(_ remarks: inout ExportRemarks) {
    let data = config.dataset
    guard data.kind != .mock else { return }
    let container = launcher.container(config)
    let fields = [
      (Path.dataset.dataPaths, data.dataPaths), (Path.dataset.validDataPaths, data.validDataPaths),
      (Path.dataset.testDataPaths, data.testDataPaths),
    ]
    for (field, paths) in fields {
      let absent = paths.map(\.path).filter { path in
        ["", ".idx"].allSatisfy { realPath(container.pathOnNode(path + $0)) == nil }
      }
      guard let first = absent.first else { continue }
      remarks.note(
        field,
        absent.count == 1
          ? "there is no \(shown(first)) here: it has to be where the launch runs"
          : "\(absent.count) of its \(paths.count) paths are not here, \(shown(first)) first: they have to be where the launch runs"
      )
    }
  }

  /// What concerns every launcher: environment and container.
  func checkCluster(_ remarks: inout ExportRemarks) {
    let cluster = config.cluster
    let container = launcher.container(config)
    checkVariables(&remarks)
    if container.image == nil, !cluster.containerMounts.isEmpty {
      remarks.problem(
        Path.cluster.containerMounts, "there is no container to mount anything in",
        help: "set \(Path.cluster.containerImage)")
    }
    for mount in cluster.containerMounts where !Self.isMount(mount, container.runtime) {
      remarks.problem(
        Path.cluster.containerMounts, "\(shown(mount)) is no mount",
        help: "write `/from`, `/from:/to` or `/from:/to:ro`")
    }
    if container.image != nil, launcher.mountsFolders { checkMounts(&remarks) }
    if let image = container.image, image.hasPrefix("-") {
      remarks.problem(Path.cluster.containerImage, "\(shown(image)) would be read as an option")
    }
    checkRelease(of: container.image, &remarks)
  }

  /// The container of another release has that one's packages.
  private func checkRelease(of image: String?, _ remarks: inout ExportRemarks) {
    guard let other = image.flatMap(Release.inContainer), other != config.release else { return }
    remarks.note(
      Path.cluster.containerImage,
      """
      is the container of megatron-bridge \(other.megatronBridge): the programs of this launch stop in it, unless \
      \(config.release.megatronBridge) is installed over that
      """)
  }

  /// Every path of the config is in the container, or named.
  private func checkMounts(_ remarks: inout ExportRemarks) {
    let mounts = ContainerMounts(config)
    let targets = mounts.written.map { ContainerMounts.ends(of: $0).inside }
    for (index, target) in targets.enumerated() where targets[..<index].contains(target) {
      remarks.problem(
        Path.cluster.containerMounts, "two mounts stand at \(shown(target)), and one would hide the other")
    }
    for (index, target) in targets.enumerated() {
      guard let hidden = targets[..<index].first(where: { $0 != target && ContainerMounts.holds(target, $0) }) else {
        continue
      }
      remarks.problem(
        Path.cluster.containerMounts, "the mount at \(shown(target)) would hide the one at \(shown(hidden)) before it",
        help: "name the outer folder first")
    }
    if targets.contains("/") {
      remarks.problem(Path.cluster.containerMounts, "a mount at `/` would hide all that the container holds")
    }
    if !mounts.needed.isEmpty {
      remarks.note(
        Path.cluster.containerMounts,
        """
        \(mounts.needed.map(shown).joined(separator: ", ")) \(mounts.needed.count == 1 ? "is" : "are") mounted as well: \
        paths of the config lie there
        """)
    }
    for path in mounts.unmountable {
      remarks.problem(
        Path.cluster.containerMounts, "\(shown(path)) is not in the container, and no mount can name it",
        help: "mount a folder above it, or call it otherwise")
    }
  }

  private func checkVariables(_ remarks: inout ExportRemarks) {
    for variable in config.envVars.storage.carried {
      let path = FieldPath("env_vars", variable.name)
      if !isVariableName(variable.name) {
        remarks.problem(path, "\(shown(variable.name)) cannot be the name of an environment variable")
      } else if let owner = VariableOwner(of: variable.name) {
        remarks.problem(path, "belongs to \(owner.rawValue): \(owner.consequence)")
      } else if case .string(let text) = variable.value, unfitForShell(text) {
        remarks.problem(path, "holds a NUL, which no environment variable can")
      }
    }
  }

  private static func isMount(_ text: String, _ runtime: ContainerRuntime?) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count), parts.prefix(2).allSatisfy({ $0.hasPrefix("/") }) else { return false }
    return (parts.count < 3 || ["ro", "rw"].contains(parts[2])) && (runtime == .docker || !text.contains(","))
  }
}

/// A text in a message: on one line, whatever is in it.
func shown(_ text: String) -> String {
  var result = "`"
  for scalar in text.unicodeScalars.prefix(80) {
    let isControl =
      scalar.value < 0x20 || scalar.value == 0x7F || scalar == "\u{2028}" || scalar == "\u{2029}" || scalar == "\u{85}"
    if isControl {
      result += scalar == "\n" ? "\\n" : "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result + (text.unicodeScalars.count > 80 ? "…`" : "`")
}
