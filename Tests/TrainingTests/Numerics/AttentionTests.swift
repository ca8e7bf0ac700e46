import CKernels
import Testing

@testable import Training

/// Attention by blocks, by every kind of product that this processor has, against the whole matrix of scores in double
/// precision: at lengths that leave every kind of rest of a block of 64, and head sizes that leave one of vectors and tiles, or
/// none, where rows are read in place.
@Suite struct AttentionTests {
  struct Size: Sendable, CustomTestStringConvertible {
    let nope: Int, rope: Int, value: Int, tokens: Int
    var testDescription: String { "\(nope) + \(rope), \(value), \(tokens) tokens" }
  }

  static let sizes =
    [1, 2, 9, 63, 64, 65, 128, 131].map { Size(nope: 8, rope: 4, value: 8, tokens: $0) } + [
      Size(nope: 5, rope: 2, value: 3, tokens: 70), Size(nope: 1, rope: 2, value: 1, tokens: 66),
      Size(nope: 17, rope: 16, value: 33, tokens: 67), Size(nope: 128, rope: 64, value: 128, tokens: 20),
      Size(nope: 32, rope: 16, value: 16, tokens: 131),
    ]

  private static let fp32 = attention_products(rounds: 0, instructions: bf16_instructions_none)
  private static let rounded = BFloat16ProductTests.instructions.map { attention_products(rounds: 1, instructions: $0) }

  @Test("output, sums and gradients are those of the whole matrix", arguments: sizes)
  func agreesWithTheWholeMatrix(_ size: Size) {
    let operands = AttentionOperands(size)
    let expected = operands.reference(operands.values)
    #expect(operands.run(Self.fp32).differences(from: expected).allSatisfy { $0 < 1e-5 })
  }

  /// Two tokens' gradients of queries and keys are small differences of rounded numbers, which say nothing.
  @Test(
    "with rounded operands they are those of rounded ones, to the rounding of probabilities",
    arguments: sizes.filter { $0.tokens != 2 })
  func agreesInBFloat16(_ size: Size) {
    let operands = AttentionOperands(size)
    let rounded = operands.values.mapValues { BFloat16.widened(BFloat16.rounded($0)) }
    let expected = operands.reference(rounded)
    for products in Self.rounded {
      #expect(operands.run(products).differences(from: expected).allSatisfy { $0 < 3e-2 })
    }
  }

  @Test("a token's output is the same to the bit whatever follows it", arguments: [1, 40, 64, 100])
  func isCausal(tokens: Int) {
    let operands = AttentionOperands(Size(nope: 8, rope: 4, value: 8, tokens: 150))
    for products in [Self.fp32] + Self.rounded {
      let (whole, part) = (operands.run(products), operands.run(products, tokens: tokens))
      #expect(part.output.elementsEqual(whole.output.prefix(part.output.count)))
      #expect(part.logSums.elementsEqual(whole.logSums.prefix(tokens)))
    }
  }

  @Test("scores whose exponentials are beyond fp32 do no harm, rising or falling", arguments: [Float(300), -300])
  func largeScores(slope: Float) {
    var operands = AttentionOperands(Size(nope: 1, rope: 1, value: 1, tokens: 130))
    operands.values["queries"] = (0..<260).map { $0 % 2 == 0 ? 1 : 0 }
    operands.values["keys"] = (0..<130).map { slope * Float($0) }
    let found = operands.run(Self.fp32)
    // The largest score takes all: the token's own, or the first. Fused, its exponential and their sum are 1 to a few digits only,
    // and their quotient to the last.
    let v = operands.values["values"] ?? []
    #expect(relativeError(found.output, slope > 0 ? v : v.map { _ in v[0] }) < 1e-6)
    #expect(found.gradients.values.allSatisfy { $0.allSatisfy(\.isFinite) })
  }
}

/// Operands of one head, each array without gaps.
private struct AttentionOperands {
  let size: AttentionTests.Size
  let scale: Float
  var values: [String: [Float]]

  init(_ size: AttentionTests.Size) {
    self.size = size
    scale = 1 / Float(size.nope + size.rope).squareRoot()
    let widths = [
      "queries": size.nope + size.rope, "keys": size.nope, "shared keys": size.rope, "values": size.value,
      "doutput": size.value,
    ]
    var values: [String: [Float]] = [:]
    for (name, width) in widths {
      var stream = ReferenceStream(name: name, seed: 1)
      values[name] = (0..<size.tokens * width).map { _ in Float(stream.uniform()) }
    }
    self.values = values
  }

  struct Results {
    var output: [Float]
    var logSums: [Float]
    var gradients: [String: [Float]]

    func differences(from other: Results) -> [Float] {
      [relativeError(output, other.output), relativeError(logSums, other.logSums)]
        + gradients.map { name, found in relativeError(found, other.gradients[name] ?? []) }
    }
  }

  func run(_ products: attention_products, tokens: Int? = nil) -> Results {
    let tokens = tokens ?? size.tokens
    let width = size.nope + size.rope
    let head = attention_head(nope: size.nope, rope: size.rope, value: size.value, scale: scale)
    func nan(_ count: Int) -> UnsafeMutablePointer<Float> {
      let memory = UnsafeMutablePointer<Float>.allocate(capacity: count)
      memory.initialize(repeating: .nan, count: count)
      return memory
    }
    func operand(_ name: String) -> UnsafeMutablePointer<Float> {
      let values = values[name] ?? []
      let memory = nan(values.count)
      memory.update(from: values, count: values.count)
      return memory
    }
    let scratch = nan(kernel_attention_scratch(head, tokens))
    let (output, logSums, doutput) = (nan(tokens * size.value), nan(tokens), operand("doutput"))
    let (queries, keys, shared, v) = (operand("queries"), operand("keys"), operand("shared keys"), operand("values"))
    let (dqueries, dkeys) = (nan(tokens * width), nan(tokens * (size.nope + size.value)))
    let dshared = nan(tokens * size.rope)
    // The kernel takes keys and values at one distance, as one projection makes them.
    let joined = nan(tokens * (size.nope + size.value))
    let stride = size.nope + size.value
    for token in 0..<tokens {
      (joined + token * stride).update(from: keys + token * size.nope, count: size.nope)
      (joined + token * stride + size.nope).update(from: v + token * size.value, count: size.value)
    }
    defer {
      for memory in [
        scratch, output, logSums, doutput, queries, keys, shared, v, dqueries, dkeys, dshared, joined,
      ] { memory.deallocate() }
    }
    let operands = attention_operands(
      queries: queries, query_stride: width, keys: joined, values: joined + size.nope, key_value_stride: stride,
      shared_keys: shared, shared_key_stride: size.rope)
    let gradients = attention_gradients(
      queries: dqueries, query_stride: width, keys: dkeys, values: dkeys + size.nope, key_value_stride: stride,
      shared_keys: dshared, shared_key_stride: size.rope)
    kernel_attention(head, products, operands, tokens, output, size.value, logSums, scratch)
    kernel_attention_backward(
      head, products, operands, tokens, output, doutput, size.value, logSums, gradients, scratch)
    func array(_ memory: UnsafeMutablePointer<Float>, _ count: Int) -> [Float] {
      Array(UnsafeBufferPointer(start: memory, count: count))
    }
    return Results(
      output: array(output, tokens * size.value), logSums: array(logSums, tokens),
      gradients: [
        "queries": array(dqueries, tokens * width),
        "keys": (0..<tokens).flatMap { array(dkeys + $0 * stride, size.nope) },
        "values": (0..<tokens).flatMap { array(dkeys + $0 * stride + size.nope, size.value) },
        "shared keys": array(dshared, tokens * size.rope),
      ])
  }

  /// In double precision, query by query.
  func reference(_ values: [String: [Float]]) -> Results {
    let (tokens, nope, rope, width) = (size.tokens, size.nope, size.rope, size.nope + size.rope)
    func row(_ name: String, _ token: Int, _ width: Int) -> [Double] {
      (values[name] ?? [])[token * width..<(token + 1) * width].map { Double($0) }
    }
    let keys = (0..<tokens).map { row("keys", $0, nope) + row("shared keys", $0, rope) }
    let vs = (0..<tokens).map { row("values", $0, size.value) }
    func dot(_ x: [Double], _ y: [Double]) -> Double {
      var sum = 0.0
      for index in x.indices { sum += x[index] * y[index] }
      return sum
    }
    func add(_ x: [Double], times factor: Double, to sum: inout [Double]) {
      for index in x.indices { sum[index] += factor * x[index] }
    }
    var (output, logSums, dqueries): ([Double], [Double], [Double]) = ([], [], [])
    var dkeys = [[Double]](repeating: [Double](repeating: 0, count: width), count: tokens)
    var dvalues = [[Double]](repeating: [Double](repeating: 0, count: size.value), count: tokens)
    for token in 0..<tokens {
      let (query, doutput) = (row("queries", token, width), row("doutput", token, size.value))
      let scores = (0...token).map { Double(scale) * dot(query, keys[$0]) }
      let largest = scores.max() ?? 0
      let logSum = largest + logarithm(scores.reduce(0) { $0 + exponential($1 - largest) })
      let probabilities = scores.map { exponential($0 - logSum) }
      var out = [Double](repeating: 0, count: size.value)
      for (key, probability) in probabilities.enumerated() { add(vs[key], times: probability, to: &out) }
      var dquery = [Double](repeating: 0, count: width)
      for (key, probability) in probabilities.enumerated() {
        add(doutput, times: probability, to: &dvalues[key])
        let dscore = Double(scale) * probability * (dot(doutput, vs[key]) - dot(doutput, out))
        add(keys[key], times: dscore, to: &dquery)
        add(query, times: dscore, to: &dkeys[key])
      }
      output += out
      logSums.append(logSum)
      dqueries += dquery
    }
    func floats(_ values: some Sequence<Double>) -> [Float] { values.map { Float($0) } }
    return Results(
      output: floats(output), logSums: floats(logSums),
      gradients: [
        "queries": floats(dqueries), "keys": floats(dkeys.flatMap { $0.prefix(nope) }),
        "values": floats(dvalues.joined()), "shared keys": floats(dkeys.flatMap { $0.suffix(rope) }),
      ])
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

private func exponential(_ x: Double) -> Double { exp(x) }
private func logarithm(_ x: Double) -> Double { log(x) }
