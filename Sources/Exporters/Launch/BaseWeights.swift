import ConfigDocument
import FileAccess

/// What `pretrained_checkpoint` names.
enum BaseWeights: Sendable {
  /// A checkpoint of Megatron's, its root or one of its iterations. It is used as it lies.
  case megatron
  /// A folder of Hugging Face's. Nothing is ever written into it.
  case huggingFaceFolder
  /// A model on Hugging Face's hub, as `moonshotai/Moonlight-16B-A3B`.
  case hub
  /// A place that cannot be seen from here: the step `import` tells which of the others it is.
  case unseen
  /// A folder that is there, and no weights to start from; why not, to follow its name.
  case unfit(String)

  init(_ path: String) {
    if realPath(path) == nil {
      self = Self.isIteration(path) ? .megatron : Self.isHubName(path) ? .hub : .unseen
    } else if Self.trackers.contains(where: { InputFile.exists(path + "/" + $0) }) {
      self = Self.problemOfRoot(path).map { .unfit($0) } ?? .megatron
    } else if Self.partsOfIteration.contains(where: { InputFile.exists(path + "/" + $0) }) {
      self = .megatron
    } else if InputFile.exists(path + "/config.json") {
      self = Self.problemOfHuggingFace(path).map { .unfit($0) } ?? .huggingFaceFolder
    } else {
      self = .unfit("is neither a folder of Hugging Face's nor a checkpoint of Megatron's")
    }
  }

  /// What Megatron-Bridge and Megatron-LM write behind a whole checkpoint.
  static let trackers = ["latest_train_state.pt", "latest_checkpointed_iteration.txt"]

  /// What lies in the folder of one iteration, which is a whole checkpoint as well.
  static let partsOfIteration = [".metadata", "metadata.json"]

  /// Why the folder of a run's checkpoints is none to start from.
  private static func problemOfRoot(_ path: String) -> String? {
    let iterations = FolderListing.entries(of: path).filter {
      $0.isFolder && (isIteration($0.name) || $0.name == "release")
    }
    guard !iterations.isEmpty else { return "names a last iteration, and holds none" }
    let tracker = path + "/latest_checkpointed_iteration.txt"
    guard let bytes = try? InputFile.readHead(tracker, count: 64) else { return nil }
    let named =
      String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    let folder = Int(named).map { "iter_" + String(repeating: "0", count: max(0, 7 - String($0).count)) + String($0) }
    guard let last = iterations.first(where: { $0.name == folder ?? named }) else {
      return "names iteration \(named), which it does not hold"
    }
    return isWhole(path + "/" + last.name) ? nil : "names iteration \(named), of which only a part lies there"
  }

  /// Whether the folder of an iteration holds what is written last into it, or the parts of ranks that are one each.
  private static func isWhole(_ iteration: String) -> Bool {
    partsOfIteration.contains { InputFile.exists(iteration + "/" + $0) }
      || FolderListing.entries(of: iteration).contains { $0.isFolder && $0.name.hasPrefix("mp_rank_") }
  }

  /// Why a folder with a `config.json` is no whole model.
  private static func problemOfHuggingFace(_ path: String) -> String? {
    let names = FolderListing.entries(of: path).map(\.name)
    for ending in ["safetensors", "bin"] {
      guard let index = names.first(where: { $0.hasSuffix(".\(ending).index.json") }) else { continue }
      guard let bytes = try? InputFile.read(path + "/" + index, limit: 1 << 26) else {
        return "has a \(index) that cannot be read"
      }
      let root = DocumentReader.read(text: String(decoding: bytes, as: UTF8.self), name: index, format: .json).root
      guard let map = root?["weight_map"]?.entries, !map.isEmpty else { return "has a \(index) that names no files" }
      let files = Set(
        map.compactMap { entry in if case .string(let file) = entry.value.value(in: .v1_2) { file } else { nil } })
      let missing = files.filter { !InputFile.exists(path + "/" + $0) }.sorted()
      guard let first = missing.first else { return nil }
      return "lacks \(missing.count) of its \(files.count) files of weights, \(shown(first)) first"
    }
    let hasWeights = names.contains { $0.hasSuffix(".safetensors") || $0.hasSuffix(".bin") }
    return hasWeights ? nil : "has a config.json and no weights"
  }

  /// Whether a path ends as Megatron calls the folder of an iteration.
  private static func isIteration(_ path: String) -> Bool {
    let name = path.split(separator: "/").last ?? ""
    return name.hasPrefix("iter_") && name.utf8.count >= 12 && name.dropFirst(5).allSatisfy(\.isNumber)
  }

  private static func isHubName(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        part.first.map { $0.isASCII && ($0.isLetter || $0.isNumber) } == true
          && part.utf8.allSatisfy { isPlainInName($0) }
      }
  }

  private static func isPlainInName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
