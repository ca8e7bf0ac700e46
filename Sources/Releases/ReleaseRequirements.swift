extension ReleaseDescription {
  /// `3.12`, or `3.10-3.12`.
  public var pythonVersions: String {
    let (first, last) = (pythonMinors.lowerBound, pythonMinors.upperBound)
    return first == last ? "3.\(first)" : "3.\(first)-3.\(last)"
  }

  /// The two packages, each at its version. Megatron-Bridge asks for no version of Megatron-Core, or for many, so that pip
  /// by itself installs another one than the release was made with.
  public var pins: [String] {
    let transformerEngine = hasTransformerEngineExtra ? "[te]" : ""
    return ["megatron-bridge\(transformerEngine)==\(megatronBridge)", "megatron-core[dev,mlm]==\(megatronCore)"]
  }

  /// What is said in place of ``containerImage``.
  public static let noContainer = "none is named for this release"

  /// A requirements file that installs the pair.
  public var requirements: String {
    """
    # Megatron-Bridge \(megatronBridge) with Megatron-Core \(megatronCore), for Python \(pythonVersions).
    # Container: \(containerImage ?? Self.noContainer)
    # Into an image that has PyTorch, Transformer Engine and the rest: pip install --no-deps -r FILE
    \(pins.joined(separator: "\n"))

    """
  }
}

extension Release {
  /// The release that an image brings, by its name: as Docker writes it, or as enroot does with `#` behind the registry.
  public static func inContainer(_ image: String) -> Release? {
    let image = image.replacing("#", with: "/")
    return all.first { $0.containerImage == image }
  }
}
