package import ConfigDocument
package import Diagnostics
package import LaunchModel
package import Releases
import Validation

/// A config made one for another release, in its own text.
package struct Migration: Sendable {
  /// The release that the config was for.
  package let source: Release
  package let target: Release
  package let before: SourceFile
  /// The text for the target release, with what could not be carried over as it was.
  package let text: String
  package let remarks: [MigrationRemark]

  /// Whether there was nothing to do: the config is for the target release.
  package var isNoOp: Bool { source == target }

  /// Whether the text is not to be written.
  package var isRefused: Bool { remarks.contains { $0.kind == .loss || $0.kind == .refusal } }

  /// Whether it would be, if what is lost were left out.
  package var isRefusedForLosses: Bool { isRefused && !remarks.contains { $0.kind == .refusal } }
}

/// Makes configs for other releases.
package struct Migrator {
  private let recipes: any RecipeSource
  private let files: any ConfigFiles
  private let asked: Release?
  private let dropsLosses: Bool

  /// - Parameters:
  ///   - asked: the release of a config that names none, where a person has said it.
  ///   - dropsLosses: what the target release has no place for is left out with a warning, instead of being an error.
  package init(recipes: any RecipeSource, files: any ConfigFiles, from asked: Release? = nil, dropsLosses: Bool = false)
  {
    self.recipes = recipes
    self.files = files
    self.asked = asked
    self.dropsLosses = dropsLosses
  }

  /// - Parameters:
  ///   - document: a launch config or a ConfigContainer, whatever is wrong with it.
  ///   - path: where it lies, for what it builds on.
  package func migrate(_ document: ParsedDocument, path: String, to target: Release) -> Migration {
    let first = load(document, path, asked)
    let isContainer = first.spelling is BridgeSpelling
    let source = isContainer ? first.choice.release : document.namedRelease ?? asked ?? first.choice.release
    var draft = MigrationDraft(
      document, to: target, dropsLosses: dropsLosses, version: isContainer ? .v1_1 : .v1_2)
    if source != target {
      isContainer
        ? migrateContainer(first, path, &draft) : migrateConfig(document, path, from: source, &draft)
    }
    return Migration(
      source: source, target: target, before: document.file, text: draft.document.file.text, remarks: draft.remarks)
  }

  private func load(_ document: ParsedDocument, _ path: String, _ release: Release?) -> ConfigLoader.LoadedConfig {
    ConfigLoader(recipes: recipes, files: files, release: release).load(document, path: path)
  }

  // MARK: Launch configs

  private func migrateConfig(
    _ document: ParsedDocument, _ path: String, from source: Release, _ draft: inout MigrationDraft
  ) {
    let bases = BaseReleases(of: document, path: path, files).named.filter { $0.release != draft.target }
    for base in bases {
      let own = document.namedRelease == nil ? "; then this one with `--megatron-bridge \(source.megatronBridge)`" : ""
      draft.refuse(
        ["extends"], "`\(base.path)` is for megatron-bridge \(base.release.megatronBridge)",
        help: "first run `moonlight migrate \(base.path) --to \(draft.target.megatronBridge)`\(own)")
    }
    guard bases.isEmpty else { return }
    let before = load(document.naming(source), path, nil)
    var migration = NativeMigration(draft, from: source, before.resolution.config)
    migration.run()
    draft = migration.draft
    finish(&draft, before, path, .native(draft.target), release: nil) { _, _ in }
  }

  // MARK: ConfigContainers

  private func migrateContainer(_ before: ConfigLoader.LoadedConfig, _ path: String, _ draft: inout MigrationDraft) {
    guard let spelling = before.spelling as? BridgeSpelling else { return }
    var migration = BridgeMigration(draft, from: spelling, before.resolution.config)
    migration.run()
    draft = migration.draft
    finish(&draft, before, path, migration.destination, release: draft.target) { draft, keys in
      for depth in 1..<keys.count {
        let parent = Array(keys.prefix(depth))
        guard draft.node(at: parent)?.isEmpty ?? true, let name = migration.className(of: parent) else { continue }
        draft.silently(keys) { editor throws(EditError) in
          try editor.insert(parent + [BridgeMigration.target], .string(name))
        }
      }
    }
  }

  // MARK: What both have in common

  private func finish(
    _ draft: inout MigrationDraft, _ before: ConfigLoader.LoadedConfig, _ path: String, _ spelling: any Spelling,
    release: Release?, create: (inout MigrationDraft, [String]) -> Void
  ) {
    draft.settleConflicts(before.resolution.config, spelling)
    func meaning(_ draft: MigrationDraft) -> ConfigMeaning {
      ConfigMeaning(load(draft.document, path, release).resolution.config)
    }
    let unset = UnsetMeaning(before: ConfigMeaning(before.resolution.config), spelling: spelling)
    unset.writeOut(into: &draft, after: meaning(draft), create: create)
    mend(&draft, before, path, release)
    unset.warn(in: &draft, after: meaning(draft))
  }

  /// Errors that the config has in the target release only: what can be mended safely is, and the rest cannot be carried
  /// over.
  private func mend(
    _ draft: inout MigrationDraft, _ before: ConfigLoader.LoadedConfig, _ path: String, _ release: Release?
  ) {
    let known = Set(errors(before, withFixes: false).map(\.key))
    let told = Set(draft.remarks.filter { $0.kind != .change }.map(\.path))
    for _ in 0..<Self.mostFixes {
      let new = errors(load(draft.document, path, release), withFixes: true).filter { !known.contains($0.key) }
      guard
        let (error, fix) = new.lazy.compactMap({ error in error.diagnostic.fix.map { (error.diagnostic, $0) } })
          .first(where: { $0.1.applicability == .safe && $0.1.file === draft.document.file })
      else {
        for error in new where !told.contains(error.diagnostic.path) {
          draft.lose(error.diagnostic, before.choice.release)
        }
        return
      }
      draft.apply(fix, [error.path], error.message)
    }
  }

  /// So many times the text is mended.
  private static let mostFixes = 16

  /// Errors with what makes them the same in another release.
  private func errors(
    _ loaded: ConfigLoader.LoadedConfig, withFixes: Bool
  ) -> [(key: String, diagnostic: Diagnostic)] {
    let (loaded, run) = Validator.onLikelyGPUs(loaded)
    return Validator.errors(loaded, run, withFixes: withFixes).map { error in
      ("\(error.code) \(loaded.spelling.path(ofName: error.path)?.newestPlace.description ?? error.path)", error)
    }
  }
}

extension MigrationDraft {
  /// An error that the config has in the target release only.
  fileprivate mutating func lose(_ error: Diagnostic, _ source: Release) {
    var help = error.help
    if let file = error.location?.file, file !== document.file {
      help =
        "it stands in \(file.name): `moonlight migrate \(file.name) --to \(target.megatronBridge) --megatron-bridge "
        + "\(source.megatronBridge)`"
    }
    lose([error.path], "megatron-bridge \(target.megatronBridge) refuses it: \(error.message)", help: help)
  }
}

extension ParsedDocument {
  /// The same with the release named, which wins over what it builds on.
  fileprivate func naming(_ release: Release) -> ParsedDocument {
    let path = Path.software.megatronBridge
    guard namedRelease == nil,
      let edits = try? DocumentEditor(self).insert([path.section, path.field], .string(release.megatronBridge))
    else { return self }
    return applying(edits)
  }
}
