/// A picture of boxes, lines and one-line texts on white, in pixels from the upper left corner, written as SVG.
///
/// It keeps what it is made of, so that tests can see whether anything overlaps or is cut.
package struct Drawing: Sendable {
  package struct Box: Hashable, Sendable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double
    package var fill: String
    package var stroke: String?
    package var radius: Double = 0
    /// What a browser shows when the mouse rests on it.
    package var tip: String?
  }

  package struct Line: Hashable, Sendable {
    package var x1: Double
    package var y1: Double
    package var x2: Double
    package var y2: Double
    package var colour: String
    package var width: Double = 1
    package var isDashed = false
  }

  package struct Label: Hashable, Sendable {
    package enum Anchor: String, Sendable { case start, middle, end }

    package var text: String
    package var x: Double
    /// The base line.
    package var y: Double
    package var size: Double
    package var anchor = Anchor.start
    package var isBold = false
    package var colour = Palette.ink

    package var width: Double { TextWidth.of(text, size: size, isBold: isBold) }

    package var left: Double {
      switch anchor {
      case .start: x
      case .middle: x - width / 2
      case .end: x - width
      }
    }

    /// The frame that no other text should enter: from the height of capitals to the depth of a `p`.
    package var frame: (x: Double, y: Double, width: Double, height: Double) {
      (left, y - 0.76 * size, width, size)
    }
  }

  package enum Element: Hashable, Sendable {
    case box(Box)
    case line(Line)
    case label(Label)
  }

  package let title: String
  package var width: Double
  package var height: Double
  package private(set) var elements: [Element] = []

  package init(title: String, width: Double, height: Double = 0) {
    self.title = title
    self.width = width
    self.height = height
  }

  package mutating func add(_ box: Box) { elements.append(.box(box)) }
  package mutating func add(_ line: Line) { elements.append(.line(line)) }

  /// Adds a text, unless it is empty.
  package mutating func add(_ label: Label) {
    if !label.text.isEmpty { elements.append(.label(label)) }
  }

  // MARK: SVG

  /// The picture as an SVG file.
  package var svg: String {
    let size = "\(number(width)) \(number(height))"
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" \
      width="\(number(width))" height="\(number(height))" \
      font-family="Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif" role="img">
      <title>\(Self.escaped(title))</title>
      <rect width="100%" height="100%" fill="#ffffff"/>

      """
    for element in elements { text += write(element) + "\n" }
    return text + "</svg>\n"
  }

  private func write(_ element: Element) -> String {
    switch element {
    case .box(let box):
      var text = "<rect x=\"\(number(box.x))\" y=\"\(number(box.y))\""
      text += " width=\"\(number(box.width))\" height=\"\(number(box.height))\""
      if box.radius > 0 { text += " rx=\"\(number(box.radius))\"" }
      text += " fill=\"\(box.fill)\""
      if let stroke = box.stroke { text += " stroke=\"\(stroke)\"" }
      guard let tip = box.tip else { return text + "/>" }
      return text + "><title>\(Self.escaped(tip))</title></rect>"
    case .line(let line):
      var text =
        "<line x1=\"\(number(line.x1))\" y1=\"\(number(line.y1))\" x2=\"\(number(line.x2))\" y2=\"\(number(line.y2))\""
      text += " stroke=\"\(line.colour)\" stroke-width=\"\(number(line.width))\""
      return text + (line.isDashed ? " stroke-dasharray=\"4 3\"/>" : "/>")
    case .label(let label):
      var text = "<text x=\"\(number(label.x))\" y=\"\(number(label.y))\" font-size=\"\(number(label.size))\""
      if label.anchor != .start { text += " text-anchor=\"\(label.anchor.rawValue)\"" }
      if label.isBold { text += " font-weight=\"bold\"" }
      return text + " fill=\"\(label.colour)\">\(Self.escaped(label.text))</text>"
    }
  }

  private func number(_ value: Double) -> String { Numbers.short(value, 2) }

  /// Text as it may stand in XML; characters that XML does not have become U+FFFD.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\u{9}", "\u{A}", "\u{D}": result += " "
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
