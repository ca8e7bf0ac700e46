extension PipelineLayout {
  /// Megatron's string for this layout, always the same for the same layout, and read back as the same layout.
  ///
  /// Within a stage, three or more equal letters are written `t*3`, fewer plainly. Equal neighbouring stages become a
  /// group `(t*4|)*6` (or `|*6` where they are empty) when that at least halves their text. The last stage never joins a
  /// group, since no `|` follows it.
  public var megatronString: String {
    let texts = stages.map(Self.text)
    guard let last = texts.last else { return "" }
    var result = ""
    var index = 0
    while index < texts.count - 1 {
      let end = texts[index..<(texts.count - 1)].firstIndex { $0 != texts[index] } ?? texts.count - 1
      result += Self.text(repeating: texts[index] + "|", count: end - index)
      index = end
    }
    return result + last
  }

  private static func text(_ stage: [LayoutElement]) -> String {
    var result = ""
    var index = 0
    while index < stage.count {
      let end = stage[index...].firstIndex { $0 != stage[index] } ?? stage.count
      let run = end - index
      let letter = stage[index].letter
      result += run < 3 ? String(repeating: letter, count: run) : "\(letter)*\(run)"
      index = end
    }
    return result
  }

  private static func text(repeating unit: String, count: Int) -> String {
    let plain = String(repeating: unit, count: count)
    let group = unit.utf8.count == 1 ? "\(unit)*\(count)" : "(\(unit))*\(count)"
    return 2 * group.utf8.count <= plain.utf8.count ? group : plain
  }
}
