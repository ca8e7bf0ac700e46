extension AdapterConfig {
  /// The shortest ends of names that mean exactly these matrices in peft, which compares from a dot on; none begins with
  /// the number of a layer or an expert.
  ///
  /// - Parameters:
  ///   - targets: names of matrices, with `.weight`.
  ///   - layout: of the model they belong to.
  ///   - part: which part of the name each end holds at least; none if not given.
  package static func targetModules(
    of targets: [String], in layout: ParameterLayout, from part: Substring? = nil
  ) -> [String] {
    let all = layout.tensors.compactMap { tensor -> [Substring]? in
      guard tensor.isAdaptable else { return nil }
      return tensor.name.dropLast(".weight".utf8.count).split(separator: ".")
    }
    let wanted = targets.map { $0.dropLast(".weight".utf8.count).split(separator: ".") }
    let (present, meant) = (ends(all), ends(wanted))
    var result: [String] = []
    var seen: Set<String> = []
    for parts in wanted {
      let place = part.flatMap { parts.lastIndex(of: $0) }
      let shortest = place.map { parts.count - $0 } ?? 1
      let candidates = (shortest...max(parts.count, 1)).lazy.map { parts.suffix($0).joined(separator: ".") }
      let end = candidates.first { end in present[end] == meant[end] && end.first?.isNumber == false }
      guard let end, seen.insert(end).inserted else { continue }
      result.append(end)
    }
    return result.sorted()
  }

  /// How often each end occurs.
  private static func ends(_ names: [[Substring]]) -> [String: Int] {
    var counts: [String: Int] = [:]
    for parts in names {
      for length in 1...max(parts.count, 1) { counts[parts.suffix(length).joined(separator: "."), default: 0] += 1 }
    }
    return counts
  }
}
