import FileAccess

/// What `pretrained_checkpoint` names.
enum BaseWeights: Sendable {
  /// A checkpoint of Megatron's, or a place that cannot be seen from here.
  case megatron
  /// A folder of Hugging Face's. Nothing is ever written into it.
  case huggingFaceFolder
  /// A model on Hugging Face's hub, as `moonshotai/Moonlight-16B-A3B`.
  case hub

  init(_ path: String) {
    if InputFile.exists(path + "/config.json"), !Self.trackers.contains(where: { InputFile.exists(path + "/" + $0) }) {
      self = .huggingFaceFolder
    } else if realPath(path) == nil, Self.isHubName(path) {
      self = .hub
    } else {
      self = .megatron
    }
  }

  /// What Megatron-Bridge and Megatron-LM write behind a whole checkpoint.
  static let trackers = ["latest_train_state.pt", "latest_checkpointed_iteration.txt"]

  /// What lies in the folder of one iteration, which is a whole checkpoint as well.
  static let partsOfIteration = [".metadata", "metadata.json"]

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
