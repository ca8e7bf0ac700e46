/// Why an adapter's directory is none that can be used, or why an adapter cannot be written in some form.
package struct AdapterError: Error, Hashable, CustomStringConvertible {
  package let file: String
  package let message: String

  package var description: String { "\(file): \(message)" }
}
