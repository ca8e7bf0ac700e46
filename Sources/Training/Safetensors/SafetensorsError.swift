/// What is wrong with a safetensors file or directory; names the file and, where there is one, the tensor.
package struct SafetensorsError: Error, Hashable, CustomStringConvertible {
  package enum Problem: Hashable, Sendable {
    case truncated(needed: Int, found: Int)
    case headerTooLarge(bytes: UInt64, limit: Int)
    case header(String)
    case unsupportedType(String)
    case invalidShape(String)
    /// The offsets do not hold what type and shape need.
    case wrongSize(begin: Int, end: Int, needed: Int)
    /// The offsets overlap another tensor, leave a gap, or lie outside the file.
    case misplaced(begin: Int, end: Int, expectedBegin: Int)
    case outOfRange(end: Int, available: Int)
    case trailingBytes(Int)
    case missingTensor
    /// Tensors that the model has no place for.
    case strangers(count: Int, example: String)
    case wrongShape(expected: [Int], found: [Int])
    case wrongType(expected: String, found: SafetensorsType)
    case notANumber(index: Int, value: String)
    case missingShard(String)
    case notInShard(String)
    case index(String)
    case noWeights
    case repeatedTensor
    case wrongElementCount(expected: Int, given: Int)
  }

  package let file: String
  package let tensor: String?
  package let problem: Problem

  package init(_ problem: Problem, file: String, tensor: String? = nil) {
    self.problem = problem
    self.file = file
    self.tensor = tensor
  }

  package var description: String {
    let place = tensor.map { "\(file), tensor \($0)" } ?? file
    return "\(place): \(problem)"
  }
}

extension SafetensorsError.Problem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .truncated(let needed, let found): "the file is truncated: \(needed) bytes are needed, \(found) are there"
    case .headerTooLarge(let bytes, let limit): "the header claims \(bytes) bytes; at most \(limit) are allowed"
    case .header(let message): "the header is malformed: \(message)"
    case .unsupportedType(let name): "the element type \"\(name)\" is not supported"
    case .invalidShape(let shape): "the shape \(shape) is impossible"
    case .wrongSize(let begin, let end, let needed):
      "the offsets \(begin)..<\(end) hold \(end - begin) bytes; type and shape need \(needed)"
    case .misplaced(let begin, let end, let expected):
      "the offsets \(begin)..<\(end) overlap another tensor or leave a gap; \(expected) is the next free byte"
    case .outOfRange(let end, let available):
      "the data ends at byte \(end), behind the file's \(available) bytes of data"
    case .trailingBytes(let count): "\(count) bytes belong to no tensor"
    case .missingTensor: "is missing"
    case .strangers(let count, let example):
      count == 1
        ? "holds \(example), which this model has no place for"
        : "holds \(count) tensors that this model has no place for, such as \(example)"
    case .wrongShape(let expected, let found): "has shape \(found), the model needs \(expected)"
    case .wrongType(let expected, let found): "has type \(found.rawValue), \(expected) is needed"
    case .notANumber(let index, let value): "element \(index) is \(value)"
    case .missingShard(let name): "the shard \(name) is missing"
    case .notInShard(let name): "the index places it in \(name), which does not hold it"
    case .index(let message): "the index is malformed: \(message)"
    case .noWeights: "holds neither model.safetensors nor model.safetensors.index.json"
    case .repeatedTensor: "is given twice"
    case .wrongElementCount(let expected, let given): "needs room for \(expected) by its shape, \(given) are given"
    }
  }
}
