import Testing

@testable import Training

/// The iteration, however its steps are put together, against every step in double precision.
@Suite struct NewtonSchulzTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let rows: Int, columns: Int
    var rank: Int?
    var steps = 5
    var coefficients = MuonSettings.Coefficients.simple
    var testDescription: String { "\(rows) x \(columns), rank \(rank ?? min(rows, columns)), \(steps) steps" }
  }

  @Test(
    arguments: [
      Case(rows: 12, columns: 12), Case(rows: 9, columns: 14), Case(rows: 14, columns: 9), Case(rows: 7, columns: 60),
      Case(rows: 60, columns: 7), Case(rows: 7, columns: 60, coefficients: .quintic), Case(rows: 1, columns: 5),
      // What rounding makes of a singular value of 0 grows in every step, but no faster than in fp32 step by step.
      Case(rows: 10, columns: 50, rank: 3), Case(rows: 50, columns: 10, rank: 3, steps: 7),
      Case(rows: 10, columns: 50, rank: 0), Case(rows: 10, columns: 50, steps: 1), Case(rows: 4, columns: 9, steps: 0),
    ])
  func agreesWithEveryStep(_ test: Case) throws {
    let (found, expected) = try Self.results(of: test, .fp32)
    #expect(relativeError(found, expected) < 1e-3)
  }

  /// Results of products are bf16 numbers: a sum in another order can come out 1/256 apart, which grows with the steps.
  @Test(arguments: [
    Case(rows: 12, columns: 30), Case(rows: 30, columns: 12), Case(rows: 7, columns: 60, coefficients: .quintic),
    Case(rows: 20, columns: 70, steps: 2), Case(rows: 1, columns: 5), Case(rows: 4, columns: 9, steps: 0),
  ])
  func roundsInEveryStep(_ test: Case) throws {
    let (found, expected) = try Self.results(of: test, .bf16)
    #expect(relativeError(found, expected) < 4e-2)
    #expect(BFloat16.widened(BFloat16.rounded(found)) == found)
  }

  /// What the iteration gives, and what every step in double precision does, rounded where `products` are.
  private static func results(of test: Case, _ products: ProductPrecision) throws -> (found: [Float], expected: [Float])
  {
    var settings = MuonSettings(products: products)
    settings.numNSSteps = test.steps
    settings.coefficients = test.coefficients
    let matrix = Self.matrix(test)
    var arena = Arena.measuring
    let (count, shapes) = (test.rows * test.columns, [(rows: test.rows, columns: test.columns)])
    _ = NewtonSchulz(&arena, shapes: shapes, products: products)
    let memory = try Storage<Float>(count: arena.used)
    arena = Arena(memory)
    let iteration = NewtonSchulz(&arena, shapes: shapes, products: products)
    for index in 0..<count { iteration.current[index] = Float(matrix[index]) }
    let result = iteration.orthogonalise(rows: test.rows, columns: test.columns, settings: settings)
    let found = Array(UnsafeBufferPointer(start: result, count: count))
    let expected = Self.everyStep((0..<count).map { Double(Float(matrix[$0])) }, test, settings).map { Float($0) }
    return withExtendedLifetime(memory) { (found, expected) }
  }

  /// [rows, columns], the product of two random factors where it has not full rank.
  private static func matrix(_ test: Case) -> [Double] {
    var stream = RandomStream(seed: 8)
    func values(_ count: Int) -> [Double] { (0..<count).map { _ in stream.uniform() - 0.5 } }
    guard let rank = test.rank else { return values(test.rows * test.columns) }
    let (left, right) = (values(test.rows * rank), values(rank * test.columns))
    return product(left, right, test.rows, rank, test.columns)
  }

  private static func product(_ a: [Double], _ b: [Double], _ m: Int, _ k: Int, _ n: Int) -> [Double] {
    var result = [Double](repeating: 0, count: m * n)
    for i in 0..<m { for p in 0..<k { for j in 0..<n { result[i * n + j] += a[i * k + p] * b[p * n + j] } } }
    return result
  }

  private static func everyStep(_ matrix: [Double], _ test: Case, _ settings: MuonSettings) -> [Double] {
    func rounded(_ x: [Double]) -> [Double] {
      settings.products == .fp32 ? x : BFloat16.widened(BFloat16.rounded(x.map { Float($0) })).map { Double($0) }
    }
    let norm = matrix.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var x = rounded(matrix.map { $0 / (norm + 1e-7) })
    let (rows, columns) = (test.rows, test.columns)
    for step in 0..<settings.numNSSteps {
      let (a, b, c) = settings.coefficients.triple(step)
      let transposed = (0..<columns * rows).map { x[$0 % rows * columns + $0 / rows] }
      let gram = rounded(product(x, transposed, rows, columns, rows))
      let square = product(gram, gram, rows, rows, rows)
      let factor = rounded(zip(gram, square).map { Double(b) * $0 + Double(c) * $1 })
      x = rounded(zip(x, product(factor, x, rows, rows, columns)).map { Double(a) * $0 + $1 })
    }
    return x
  }
}
