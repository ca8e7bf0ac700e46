/// One reader with texts to begin with, and what must hold of whatever it makes of any input.
package struct FuzzEntry: Sendable {
  package let name: String
  let seeds: [[UInt8]]
  /// Pieces that mean something to the reader, put into inputs as they are.
  let tokens: [[UInt8]]
  let check: @Sendable ([UInt8]) throws -> Void

  init(
    _ name: String, seeds: [[UInt8]], tokens: [String], check: @escaping @Sendable ([UInt8]) throws -> Void
  ) {
    self.name = name
    self.seeds = seeds
    self.tokens = tokens.map { Array($0.utf8) }
    self.check = check
  }

  /// Every entry: one a reader, and the whole way of a config. A new reader needs its line here.
  package static let all: [FuzzEntry] = documents + configs + arguments + editors + trainerFiles

  /// The input of an execution, which its number and the seed alone decide: any one can be made again without those
  /// before it.
  package func input(seed: UInt64, number: UInt64) -> [UInt8] {
    var mutator = InputMutator(seed: seed, number: number)
    return mutator.input(from: seeds, tokens)
  }

  /// - Throws: ``BrokenPromise``. A trap ends the process, as it would a user's.
  package func execute(seed: UInt64, number: UInt64) throws { try check(input(seed: seed, number: number)) }
}

/// Something that must hold of every input and did not.
package struct BrokenPromise: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

/// - Throws: ``BrokenPromise`` where the condition does not hold.
func promise(_ condition: Bool, _ description: @autoclosure () -> String) throws {
  if !condition { throw BrokenPromise(description()) }
}
