import Testing

@testable import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The path of a committed fixture.
func fixture(_ name: String, _ file: String = #filePath) -> String {
  var root = file
  while FilePath.name(of: root) != "Tests" { root = FilePath.parent(of: root) }
  return FilePath.join(FilePath.join(root, "Fixtures"), name)
}

func fixtureBytes(_ name: String) throws -> [UInt8] { try contents(fixture(name)) }

/// A folder of its own for one test, removed with it.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/moonlight-test-XXXXXX".utf8CString)
    guard let made = template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } }) else {
      throw SystemError(.create, "a temporary folder")
    }
    path = String(cString: made)
  }

  deinit { try? POSIXFileSystem().removeTree(path) }

  func file(_ name: String) -> String { FilePath.join(path, name) }

  @discardableResult
  func write(_ name: String, _ bytes: some Collection<UInt8>) throws -> String {
    let path = file(name)
    let writer = try FileWriter(path)
    try Array(bytes).withUnsafeBytes { try writer.write($0) }
    try writer.finish()
    return path
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
}

/// The bytes of a whole file.
func contents(_ path: String) throws -> [UInt8] { try FileReader.contents(path) }

func text(_ path: String) throws -> String { String(decoding: try contents(path), as: UTF8.self) }

/// The error's text, or `nil` where nothing was thrown.
func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch { return "\(error)" }
}
