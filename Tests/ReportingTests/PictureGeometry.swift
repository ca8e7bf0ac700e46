import Reporting

/// Finds what is wrong with where things stand in a picture.
struct PictureGeometry {
  struct Frame: CustomStringConvertible {
    let name: String
    let left: Double
    let top: Double
    let right: Double
    let bottom: Double
    let isText: Bool

    var description: String { "\(name) at \(left),\(top) to \(right),\(bottom)" }

    func meets(_ other: Frame, by slack: Double) -> Bool {
      min(right, other.right) - max(left, other.left) > slack && min(bottom, other.bottom) - max(top, other.top) > slack
    }

    func holds(_ other: Frame, slack: Double) -> Bool {
      left <= other.left + slack && right >= other.right - slack && top <= other.top + slack
        && bottom >= other.bottom - slack
    }
  }

  let frames: [Frame]
  private let drawing: Drawing

  init(_ drawing: Drawing) {
    self.drawing = drawing
    frames = drawing.elements.compactMap { element in
      switch element {
      case .box(let box):
        Frame(
          name: "box \(box.fill)", left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height,
          isText: false)
      case .label(let label):
        Frame(
          name: "`\(label.text)`", left: label.frame.x, top: label.frame.y, right: label.frame.x + label.frame.width,
          bottom: label.frame.y + label.frame.height, isText: true)
      case .line: nil
      }
    }
  }

  /// At most one of each kind, in words.
  var faults: [String] {
    var faults: [String] = []
    let view = Frame(name: "view", left: 0, top: 0, right: drawing.width, bottom: drawing.height, isText: false)
    if let cut = frames.first(where: { !view.holds($0, slack: 0) }) { faults.append("\(cut) is cut") }
    var rows: [Int: [Int]] = [:]
    for (index, frame) in frames.enumerated() {
      for row in Int(frame.top / 32)...Int(frame.bottom / 32) { rows[row, default: []].append(index) }
    }
    for row in rows.values {
      for (place, first) in row.enumerated() {
        for second in row[(place + 1)...] {
          guard let fault = fault(between: frames[first], and: frames[second]) else { continue }
          faults.append(fault)
          return faults
        }
      }
    }
    return faults
  }

  /// Texts never touch; a text stands inside a box or beside it, and so does a box.
  private func fault(between first: Frame, and second: Frame) -> String? {
    guard first.meets(second, by: 0.05) else { return nil }
    if first.isText, second.isText { return "\(first) overlaps \(second)" }
    let isNested =
      first.holds(second, slack: 0.05) && !first.isText || second.holds(first, slack: 0.05) && !second.isText
    return isNested ? nil : "\(first) reaches across \(second)"
  }
}
