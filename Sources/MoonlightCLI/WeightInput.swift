import ArgumentParser
import CommandSupport
import ConfigDocument
import Diagnostics
import Estimation
import FileAccess
import LaunchModel
import Reporting
import Topology

/// The argument of `--weights`: pairs such as `decoder=1,loss=2.5`, or a file with measured times.
struct WeightInput {
  static let help = ArgumentHelp(
    "What parts cost: `decoder=1,dense=0.9,loss=2.5`, or a file with such names or with `layers`, a time for each.",
    valueName: "weights")

  private let text: String?

  init(_ text: String?) { self.text = text }

  struct Weights {
    let weights: StageWeights
    let source: StageWeightSource
  }

  /// The weights of a model's parts: computed, with those given in their place. `nil` where nothing was given and the
  /// model's layers are undefined.
  ///
  /// - Throws: what is wrong with the argument: status 64 for pairs, 65, 66 or 1 for a file.
  func read(for config: LaunchConfig, model: String? = nil) throws(CommandFailure) -> Weights? {
    let operations = (model.map { $0 + ", " } ?? "") + "operations at \(config.model.seqLength) tokens"
    guard let text else {
      return config.stageWeights.map { Weights(weights: $0, source: StageWeightSource(operations, isComputed: true)) }
    }
    let isFile = !text.utf8.contains(UInt8(ascii: "="))
    let reader = isFile ? GivenWeightsReader(try Self.document(text)) : GivenWeightsReader(pairs: text)
    guard reader.diagnostics.isEmpty else {
      throw .diagnosed(reader.diagnostics, status: isFile ? .failure : .usage)
    }
    guard let computed = config.stageWeights, let moeLayers = Architecture(config).moeLayers else {
      throw CommandFailure(
        "the weights cannot be dealt to layers: `moe_layer_freq` does not fit `num_layers`", status: .failure)
    }
    do throws(GivenWeightsError) {
      let weights = try reader.weights.applied(to: computed, moeLayers: moeLayers)
      let name = isFile ? (text == "-" ? "<stdin>" : text) : "--weights"
      return Weights(
        weights: weights, source: StageWeightSource("\(name); the rest by \(operations)", isComputed: false))
    } catch {
      let place = reader.weights.layersPlace
      let diagnostic = Diagnostic(FieldRule.outOfRange.code, .error, error.description, path: "weights", at: place)
      throw .diagnosed([diagnostic], status: .failure)
    }
  }

  private static func document(_ path: String) throws(CommandFailure) -> ParsedDocument {
    let bytes: [UInt8]
    do throws(InputError) {
      bytes = try InputFile.read(path, limit: DocumentLimit.byteCount)
    } catch {
      throw CommandFailure(
        "the weights `\(path)` cannot be read: \(error)", help: "pairs are written as in `decoder=1,loss=2.5`",
        status: .noInput)
    }
    let document = DocumentReader.read(bytes: bytes, name: path == "-" ? "<stdin>" : path)
    guard !document.isUnreadable else { throw .diagnosed(document.diagnostics, status: .notAConfig) }
    return document
  }
}
