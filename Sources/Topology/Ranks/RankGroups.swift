/// The process groups that Megatron makes; the raw value is Megatron's token, with `e` for the expert decomposition.
package enum RankGroupKind: String, Hashable, Sendable, CaseIterable {
  case tensor = "tp"
  case context = "cp"
  case data = "dp"
  /// The group that reduces the gradients of dense layers.
  case dataContext = "dp-cp"
  case pipeline = "pp"
  /// One copy of the model.
  case model = "tp-pp"
  case tensorContext = "tp-cp"
  case tensorData = "tp-dp"
  case tensorDataContext = "tp-dp-cp"
  /// First and last rank of each pipeline group: where the word embeddings live.
  case embedding = "embd"
  /// First rank of each pipeline group.
  case positionEmbedding = "pos_embd"
  case expert = "ep"
  case expertTensor = "etp"
  case expertData = "edp"
  case expertTensorExpert = "etp-ep"
  case expertTensorExpertPipeline = "etp-ep-pp"
}

extension RankGrid {
  /// All groups of a kind, in Megatron's order; nothing is computed before it is asked for.
  package func groups(_ kind: RankGroupKind) -> RankGroups {
    switch kind {
    case .tensor: denseShape.groups(along: [.tensor])
    case .context: denseShape.groups(along: [.context])
    case .data: denseShape.groups(along: [.data])
    case .dataContext: denseShape.groups(along: [.data, .context])
    case .pipeline: denseShape.groups(along: [.pipeline])
    case .model: denseShape.groups(along: [.tensor, .pipeline])
    case .tensorContext: denseShape.groups(along: [.tensor, .context])
    case .tensorData: denseShape.groups(along: [.tensor, .data])
    case .tensorDataContext: denseShape.groups(along: [.tensor, .data, .context])
    case .embedding: denseShape.groups(along: [.pipeline]).ends(2)
    case .positionEmbedding: denseShape.groups(along: [.pipeline]).ends(1)
    case .expert: expertShape.groups(along: [.expert])
    case .expertTensor: expertShape.groups(along: [.tensor])
    case .expertData: expertShape.groups(along: [.data])
    case .expertTensorExpert: expertShape.groups(along: [.tensor, .expert])
    case .expertTensorExpertPipeline: expertShape.groups(along: [.tensor, .expert, .pipeline])
    }
  }

  /// The group of a kind that a rank belongs to. `nil` where the world has no such rank, or the rank is in no group of
  /// that kind (a middle stage has no embedding group).
  package func group(_ kind: RankGroupKind, of rank: Int) -> RankGroup? {
    guard (0..<worldSize).contains(rank) else { return nil }
    let groups = groups(kind)
    let group = groups[groups.index(ofGroupWith: rank)]
    return group.contains(rank) ? group : nil
  }
}

/// The groups of one kind, made on demand.
package struct RankGroups: RandomAccessCollection, Sendable {
  let inside: [RankGroup.Extent]
  let outside: [RankGroup.Extent]
  /// How many ranks to keep of each group: the first, or the first and the last; `nil` keeps all.
  let endsOnly: Int?

  package var startIndex: Int { 0 }
  package var endIndex: Int { outside.reduce(1) { $0 * $1.size } }

  package subscript(index: Int) -> RankGroup {
    precondition(indices.contains(index), "no such group")
    var rest = index
    var base = 0
    for extent in outside {
      base += rest % extent.size * extent.stride
      rest /= extent.size
    }
    guard let endsOnly else { return RankGroup(base: base, extents: inside) }
    let whole = RankGroup(base: base, extents: inside)
    let ends = Swift.min(endsOnly, whole.count)
    let stride = whole.count > 1 ? whole[whole.count - 1] - base : 0
    return RankGroup(base: base, extents: [RankGroup.Extent(size: ends, stride: stride)])
  }

  func ends(_ count: Int) -> RankGroups { RankGroups(inside: inside, outside: outside, endsOnly: count) }

  func index(ofGroupWith rank: Int) -> Int {
    var index = 0
    var place = 1
    for extent in outside {
      index += rank / extent.stride % extent.size * place
      place *= extent.size
    }
    return index
  }
}

/// The global ranks of one group, in Megatron's order, which is ascending.
package struct RankGroup: RandomAccessCollection, Hashable, Sendable {
  struct Extent: Hashable, Sendable {
    let size: Int
    let stride: Int
  }

  let base: Int
  let extents: [Extent]

  package var startIndex: Int { 0 }
  package var endIndex: Int { extents.reduce(1) { $0 * $1.size } }

  package subscript(index: Int) -> Int {
    precondition(indices.contains(index), "no such rank in the group")
    var rest = index
    var rank = base
    for extent in extents {
      rank += rest % extent.size * extent.stride
      rest /= extent.size
    }
    return rank
  }

  /// Whether a rank belongs to the group, without going through it.
  package func contains(_ rank: Int) -> Bool {
    guard !isEmpty, rank >= base else { return false }
    var rest = rank - base
    // Strides ascend, so the slowest axis is settled first.
    for extent in extents.reversed() where extent.size > 1 {
      let step = Swift.min(rest / extent.stride, extent.size - 1)
      rest -= step * extent.stride
    }
    return rest == 0
  }
}
