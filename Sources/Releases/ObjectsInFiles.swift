/// Of what a release's loader makes objects when it reads a file.
public struct ObjectsInFiles: Sendable {
  /// The packages whose objects it takes; a program can add others. `nil` for those of any package.
  public let packages: [String]?
  /// Fields that a file can give no function, of whatever package.
  public let fieldsWithoutFunctions: [String]
  /// Objects behind a name with an underscore that it takes all the same.
  public let privateNames: [String]

  /// Whatever a file names is imported.
  static let any = ObjectsInFiles(packages: nil, fieldsWithoutFunctions: [], privateNames: [])

  /// `megatron/bridge/utils/instantiate_utils.py` of megatron-bridge 0.5.1 and 0.6.2: `_ALLOWED_TARGET_PREFIXES`,
  /// `_DISALLOWED_CALLABLE_FIELD_NAMES` and `_ALLOWED_PRIVATE_TARGETS`; `signal` is one of Megatron-LM's own.
  static let listed = ObjectsInFiles(
    packages: ["megatron", "torch", "nvidia", "transformers", "numpy", "nemo", "signal"],
    fieldsWithoutFunctions: ["collate_impl", "hf_filter_lambda", "preprocess_fn", "process_example_fn"],
    privateNames: ["torch._C._nn.gelu"])

  public enum Verdict: Sendable, Equatable {
    case taken
    /// The field takes none.
    case refusedField
    /// Private to its package.
    case refusedName
    /// Taken once the program that loads the file registers the package.
    case needsRegistration(package: String)
  }

  /// - Parameters:
  ///   - name: of a class or a function, with its modules.
  ///   - field: the last key above it.
  public func verdict(on name: String, in field: String) -> Verdict {
    guard let packages else { return .taken }
    if fieldsWithoutFunctions.contains(field) { return .refusedField }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    if parts.contains(where: { $0.hasPrefix("_") }), !privateNames.contains(name) { return .refusedName }
    let package = String(parts[0])
    return parts.count > 1 && packages.contains(package) ? .taken : .needsRegistration(package: package)
  }
}
