import ConfigDocument
import Estimation

extension Numbers {
  /// At most so many digits behind the point, without zeros at the end.
  package static func short(_ value: Double, _ digits: Int) -> String {
    var text = decimal(value, digits)
    guard text.utf8.contains(UInt8(ascii: ".")), !text.utf8.contains(UInt8(ascii: "e")) else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  /// `7.02 GiB`; below a tenth of one in MiB.
  package static func bytes(_ count: Double) -> String { bytes(count, digits: 2) }

  package static func bytes(_ count: Int) -> String { bytes(Double(count)) }

  /// - Parameter digits: of GiB, behind the point.
  package static func bytes(_ bytes: Double, digits: Int) -> String {
    let mebi = 1_048_576.0
    if bytes == 0 { return "0 GiB" }
    return bytes < 102.4 * mebi ? decimal(bytes / mebi, 1) + " MiB" : decimal(bytes / gibibyte, digits) + " GiB"
  }

  /// `31.3%`.
  package static func percent(_ share: Double) -> String { decimal(100 * share, 1) + "%" }

  /// A number for programs: twelve digits, so that sums of tenths come out as people wrote them.
  package static func rounded(_ value: Double) -> Double {
    guard value.isFinite, value != 0, value.magnitude < 1e12, value.magnitude > 1e-10 else { return value }
    var scale = 1.0
    while value.magnitude * scale < 1e11 { scale *= 10 }
    // Dividing by a power of ten that is exact gives the number nearest to its decimal digits.
    return (value * scale).rounded() / scale
  }
}
