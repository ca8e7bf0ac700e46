import ConfigDocument
import Diagnostics
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing
import Validation

@testable import Reporting

/// The page of `moonlight report`.
@Suite struct ReportPageTests {
  private func section(_ text: String) -> ConfigSection {
    let document = DocumentReader.read(text: text, name: "run.yaml", format: .yaml)
    let loader = ConfigLoader(recipes: RecipeBook.shipped) { _ in [] }
    let (loaded, run) = Validator.onLikelyGPUs(loader.load(document, path: "run.yaml"))
    return ConfigSection(
      name: "run.yaml", file: loaded.document.file, diagnostics: Validator.diagnostics(loaded, run), run: run)
  }

  private func page(_ text: String) -> String {
    var page = ReportPage(title: "a <page>")
    page.add(section(text))
    return page.html
  }

  @Test func aFindingStandsBelowItsLine() throws {
    let html = page("extends: moonlight_16b_pretrain_config\nrng:\n  seed: 0\ntrain: {train_iters: 7}\n")
    let line = try #require(html.firstRange(of: "<span class=\"number\">3</span>  seed: 0</div>"))
    let finding = try #require(html.firstRange(of: "<b>error TRAIN-04</b>"))
    let next = try #require(html.firstRange(of: "<span class=\"number\">4</span>"))
    #expect(line.upperBound < finding.lowerBound && finding.upperBound < next.lowerBound)
  }

  @Test func everyValueStandsWithItsOrigin() {
    let html = page("extends: moonlight_16b_pretrain_config\ntrain: {train_iters: 7}\n")
    #expect(html.contains("<td><code>train_iters</code></td><td><code>7</code></td><td>run.yaml:2:22</td>"))
    #expect(html.contains("<td><code>num_layers</code></td><td><code>27</code></td><td>recipe "))
  }

  /// What a file says stays text.
  @Test func nothingOfAFileBecomesHTML() {
    let html = page("recipe: {name: \"<script>alert(1)</script>\"}\n\"<b x>\": 1 # </div><img src=x>\n")
    for piece in ["<script>", "<img", "<b x>", "a <page>"] { #expect(!html.contains(piece), "\(piece)") }
    #expect(html.contains("&lt;script&gt;"))
  }

  /// One file that loads nothing.
  @Test func thePageNamesNoOtherFile() {
    var section = section("extends: moonlight_16b_pretrain_config\n")
    section.estimate = section.run.estimate(section.run.config.assumptions)
    var page = ReportPage(title: "page")
    page.add(section)
    page.add(
      RunsSection([RunMetrics(name: "run", text: "{\"step\": 1, \"loss\": 3.0}\n{\"step\": 2, \"loss\": 2.0}\n")]))
    let html = page.html.replacing("http://www.w3.org/2000/svg", with: "")
    for piece in ["http:", "https:", "src=", "@import", "url(", "<script", "<link"] {
      #expect(!html.contains(piece), "\(piece)")
    }
    #expect(html.contains("prefers-color-scheme: dark"))
  }

  // MARK: Runs

  @Test func linesThatAreNoMetricsAreLeftOutAndCounted() {
    let run = RunMetrics(
      name: "run",
      text:
        "{\"step\": 1, \"loss\": 3.5, \"eval_loss\": 3.25}\n{\"step\": 2, \"lo\nnot json\n{\"step\": 3, \"loss\": null}\n"
    )
    #expect(run.steps.map(\.step) == [1, 3] && run.unreadable == 2)
    #expect(run.steps.first?.loss == 3.5 && run.steps.first?.evalLoss == 3.25 && run.steps.last?.loss == nil)
  }

  @Test func curvesStayInTheirFrame() {
    let points = (1...5000).map { step in
      let value = Double(step * 7919 % 977)
      return (step: Double(step), value: 1e-7 * value)
    }
    let drawing = CurveDrawing([.init(name: "one", points: points)], title: "curve").drawing
    let (across, down) = (90...876.001, 29.999...320.001)
    var lines = 0
    for case .line(let line) in drawing.elements {
      lines += 1
      #expect([line.x1, line.x2].allSatisfy(across.contains))
      #expect([line.y1, line.y2].allSatisfy(down.contains))
    }
    #expect(lines > 100 && lines < 1000)
  }

  @Test func memoryBarsAreAsLongAsWhatTheyStandFor() throws {
    let section = section("extends: moonlight_16b_pretrain_config\n")
    let memory = try #require(section.run.estimate(section.run.config.assumptions)).memory
    let drawing = MemoryDrawing(memory, capacity: 80 * gibibyte).drawing
    let bars = drawing.elements.compactMap { element -> Drawing.Box? in
      if case .box(let box) = element, box.tip != nil { box } else { nil }
    }
    let first = bars.prefix { $0.y == bars[0].y }.reduce(0) { $0 + $1.width }
    let whole = (memory.ranks[0].total + memory.assumptions.reservedGiB * gibibyte) / (80 * gibibyte) * 990
    #expect(abs(first - whole) < 1, "\(first) for \(whole)")
  }
}
