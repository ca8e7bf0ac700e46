/// The colours of pictures, told apart also by people who see red and green alike.
package enum Palette {
  package static let ink = "#1f2933"
  package static let faint = "#616e7c"
  package static let rule = "#cbd2d9"
  package static let ground = "#f2f4f7"
  package static let dense = "#f2c572"
  package static let moe = "#9cc4e4"
  package static let embedding = "#b7dfb9"
  package static let loss = "#e8a598"
  package static let mtp = "#d0b8e0"
  package static let load = "#7b93ab"
  package static let busiest = "#d1495b"

  /// The forward passes of a chunk, the later the darker.
  package static func forward(chunk: Int, of chunks: Int) -> String {
    mixed((196, 221, 244), (92, 152, 208), chunk, chunks)
  }

  package static func backward(chunk: Int, of chunks: Int) -> String {
    mixed((252, 220, 178), (232, 150, 66), chunk, chunks)
  }

  private static func mixed(_ light: (Int, Int, Int), _ dark: (Int, Int, Int), _ index: Int, _ count: Int) -> String {
    // A single chunk takes the middle.
    let (part, whole) = count > 1 ? (min(max(index, 0), count - 1), count - 1) : (1, 2)
    let mix = { (from: Int, to: Int) in from + (to - from) * part / whole }
    return "rgb(\(mix(light.0, dark.0)),\(mix(light.1, dark.1)),\(mix(light.2, dark.2)))"
  }
}
