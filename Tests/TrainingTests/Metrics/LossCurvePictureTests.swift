import Testing

@testable import Training

@Suite("The loss curve")
struct LossCurvePictureTests {
  static func metrics(_ count: Int) -> [StepMetrics] {
    (1...count).map { step in
      MetricsTests.metrics(step, loss: 2 + 8 / Double(step).squareRoot(), eval: step % 100 == 0 ? 3 : nil)
    }
  }

  /// The points of each polyline.
  static func polylines(_ svg: String) -> [[[Double]]] {
    svg.split(separator: "points=\"").dropFirst().map { part in
      let points = part.prefix { $0 != "\"" }.split(separator: " ")
      return points.map { point in point.split(separator: ",").compactMap { Double($0) } }
    }
  }

  @Test("It has axes, labels, a line for steps, a smoothed one and one for validation", arguments: [false, true])
  func draws(logarithmic: Bool) {
    let svg = LossCurve(Self.metrics(500), title: "tiny <run> & more", logarithmic: logarithmic).svg
    #expect(svg.hasPrefix("<svg xmlns") && svg.hasSuffix("</svg>\n"))
    #expect(svg.contains("tiny &lt;run&gt; &amp; more") && svg.contains(">step</text>") && svg.contains("validation"))
    #expect(svg.contains(logarithmic ? ">loss (log)</text>" : ">loss</text>"))
    let lines = Self.polylines(svg)
    #expect(lines.map(\.count) == [500, 500, 5])
    for point in lines.joined() {
      #expect((72...836).contains(point[0]) && (48...424).contains(point[1]))
    }
    #expect(lines[0].first.map { $0[1] } ?? 0 < lines[0].last.map { $0[1] } ?? 0)  // downwards is larger
    #expect(svg.contains(logarithmic ? ">5</text>" : ">8</text>") && svg.contains(">500</text>"))
  }

  @Test("Long runs are thinned without losing a spike")
  func thins() {
    var metrics = Self.metrics(20_000)
    metrics[12_345].loss = 50
    let lines = Self.polylines(LossCurve(metrics, title: "long").svg)
    #expect(lines[0].count < 1700)
    #expect(lines[0].filter { $0[1] < 60 }.count == 1)
  }

  @Test(
    "Runs with little to show give a picture",
    arguments: [[], [.nan], [1], [1, 1], [0, 0], [1e-30, 1e30], [-1, -2]] as [[Double]])
  func drawsLittle(losses: [Double]) {
    let metrics = losses.enumerated().map { MetricsTests.metrics($0.offset + 1, loss: $0.element) }
    for logarithmic in [false, true] {
      let svg = LossCurve(metrics, title: "x", logarithmic: logarithmic).svg
      #expect(svg.hasSuffix("</svg>\n") && !svg.contains("nan") && !svg.contains("inf"))
    }
  }
}
