package import LaunchModel
package import Topology

/// The activations that the layers of a chunk keep of one token for the backward pass, by recomputation. It depends on
/// no parallel size, so that one serves a whole search.
package struct KeptActivations: Sendable {
  /// Of the first `n` decoder layers, at `n`.
  private let keptBefore: [ActivationBytes]
  /// Those as they are without recomputation; empty where not everything is recomputed.
  private let wholeBefore: [ActivationBytes]
  /// In host memory, of the first `n` layers, at `n`; empty where nothing waits there.
  private let offloadedBefore: [ActivationBytes]
  private let mtpLayer: ActivationBytes
  /// The norm in front of the head.
  private let head: ActivationBytes
  /// What one layer's backward pass brings back and makes at its worst.
  private let working: ActivationBytes
  /// What is left of each MoE layer from one step to the next.
  private let leftOfMoELayer: ActivationBytes
  /// Layers in front of the first adapter keep nothing on the stage with the embedding, whose output needs no gradient.
  private let firstTrained: Int
  private let isFull: Bool
  /// `block` recomputes only so many layers of each chunk, from the first.
  private let recomputedLayers: Int
  /// Layers between two kept inputs.
  private let group: Double

  package init(
    _ config: borrowing LaunchConfig, _ shape: Architecture, assumptions: Assumptions, adapters: [AdapterMatch]? = nil
  ) {
    let settings = ActivationSettings(config, assumptions)
    var everything = settings
    everything.recompute = .none
    let isMoE = shape.moeLayers ?? []
    let adapted = Self.adapted(config, shape, adapters)
    // A model has so few kinds of layers that looking at each is faster than a table.
    var kinds: [(kind: Kind, kept: LayerActivations, whole: LayerActivations)] = []
    let toHost = config.model.cpuOffloading ? config.model.cpuOffloadingNumLayers : 0
    isFull = settings.recompute == .full
    let offloads = toHost > 0 || !settings.offloaded.isEmpty
    var kept = [ActivationBytes.zero]
    var whole = isFull ? [ActivationBytes.zero] : []
    var offloaded = offloads ? [ActivationBytes.zero] : []
    kept.reserveCapacity(isMoE.count + 1)
    var working = ActivationBytes.zero
    for layer in isMoE.indices {
      let kind = Kind(isMoE: isMoE[layer], adapted: adapted.isEmpty ? [] : adapted[layer])
      let index =
        kinds.firstIndex { $0.kind == kind }
        ?? {
          kinds.append(
            (
              kind, LayerActivations(shape, isMoE: kind.isMoE, settings, adapted: kind.adapted),
              LayerActivations(shape, isMoE: kind.isMoE, everything, adapted: kind.adapted)
            ))
          return kinds.count - 1
        }()
      let (reduced, entire) = (kinds[index].kept, kinds[index].whole)
      let isOnHost = layer < toHost
      kept.append(kept[layer] + (isOnHost ? .zero : reduced.kept))
      if isFull { whole.append(whole[layer] + (isOnHost ? .zero : entire.kept)) }
      if offloads { offloaded.append(offloaded[layer] + reduced.offloaded + (isOnHost ? reduced.kept : .zero)) }
    }
    let layers = max(config.recompute.recomputeNumLayers ?? 1, 1)
    recomputedLayers = config.recompute.recomputeMethod == .block ? layers : .max
    group = isFull && config.recompute.recomputeMethod == .uniform ? Double(layers) : 1
    for (_, reduced, entire) in kinds {
      let back = entire.kept + entire.offloaded - (toHost > 0 ? .zero : reduced.kept)
      let all = group * back + entire.gradients
      if all.total > working.total { working = all }
    }
    (keptBefore, wholeBefore, offloadedBefore) = (kept, whole, offloaded)
    self.working = working
    mtpLayer = LayerActivations(shape, isMoE: isMoE.last ?? false, everything, adapted: []).kept
    head = ActivationBytes(sequence: 2 * Double(shape.hiddenSize) * (settings.isFrozen ? 1 : 2), tensor: 0)
    firstTrained = settings.isFrozen ? adapted.firstIndex { !$0.isEmpty } ?? isMoE.count : 0
    leftOfMoELayer =
      isFull
      ? ActivationBytes(sequence: 4 * Double(shape.hiddenSize), tensor: 0)
      : ActivationBytes(sequence: 0, tensor: 5 * Double(shape.numMoEExperts))
  }

  private struct Kind: Equatable {
    let isMoE: Bool
    let adapted: AdaptedLinears
  }

  private static func adapted(
    _ config: borrowing LaunchConfig, _ shape: Architecture, _ matches: [AdapterMatch]?
  ) -> [AdaptedLinears] {
    guard config.peft.isPresent else { return [] }
    return AdaptedLinears.byLayer(
      matches ?? AdapterTargets(config, shape).selection(config.peft), numLayers: shape.moeLayers?.count ?? 0)
  }

  /// Bytes a token of one chunk on one rank; the logits are not among them.
  package func bytes(of chunk: PipelineStage, tensorParallel: Int, sequenceParallel: Bool) -> Double {
    let (start, end) = bounds(of: chunk)
    var all = Double(chunk.mtp) * mtpLayer + (chunk.loss ? head : .zero)
    if isFull {
      let last = recomputedLayers < end - start ? start + recomputedLayers : end
      all = all + (1 / group) * (keptBefore[last] - keptBefore[start]) + (wholeBefore[end] - wholeBefore[last])
    } else {
      all = all + (keptBefore[end] - keptBefore[start])
    }
    return all.perRank(tensorParallel: tensorParallel, sequenceParallel: sequenceParallel)
  }

  /// Whether anything waits in host memory.
  package var offloads: Bool { !offloadedBefore.isEmpty }

  /// Bytes a token of one chunk that wait in host memory.
  package func offloadedBytes(of chunk: PipelineStage, tensorParallel: Int, sequenceParallel: Bool) -> Double {
    guard offloads else { return 0 }
    let (start, end) = bounds(of: chunk)
    return (offloadedBefore[end] - offloadedBefore[start])
      .perRank(tensorParallel: tensorParallel, sequenceParallel: sequenceParallel)
  }

  private func bounds(of chunk: PipelineStage) -> (start: Int, end: Int) {
    let last = keptBefore.count - 1
    let end = min(chunk.firstLayer + chunk.numLayers, last)
    let start = chunk.embedding ? max(chunk.firstLayer, firstTrained) : chunk.firstLayer
    return (min(start, end), end)
  }

  /// Bytes a token that the backward pass of one layer has on top of what is kept: what it computes again or takes back
  /// from the host, and gradients of activations.
  package func working(tensorParallel: Int, sequenceParallel: Bool) -> Double {
    working.perRank(tensorParallel: tensorParallel, sequenceParallel: sequenceParallel)
  }

  /// Bytes a token that a MoE layer still holds between two steps. Its dispatcher keeps the probabilities until the next
  /// forward pass, and with full recomputation through them the graph of the recomputed layer: its input and that one's
  /// gradient (megatron-core 0.19.2, `moe/token_dispatcher.py`).
  package func leftOfMoELayer(tensorParallel: Int, sequenceParallel: Bool) -> Double {
    leftOfMoELayer.perRank(tensorParallel: tensorParallel, sequenceParallel: sequenceParallel)
  }
}
