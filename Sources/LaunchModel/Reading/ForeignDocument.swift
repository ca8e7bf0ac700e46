package import ConfigDocument

extension ParsedDocument {
  /// Whether this is some other file: a mapping with nothing in it that a launch config has, under whatever name. A hook
  /// hands over all files of a folder, and of such a one there is one thing to say.
  package var isForeign: Bool {
    guard let entries = root?.entries, !entries.isEmpty else { return false }
    return !entries.contains(where: \.isOfLaunchConfig) && !BridgeReader.reads(self)
  }

  /// Whether a text was meant as a config, though it may be unreadable: whether a line begins with a key that a config has
  /// at its top.
  package var namesSections: Bool {
    file.lineCount > 0
      && (1...file.lineCount).contains { number in
        var line = file.line(number).text
        if format == .json { line = line.drop { $0 == " " || $0 == "\t" || $0 == "{" } }
        let key = line.prefix { $0 != ":" }.filter { $0 != "\"" && $0 != "'" && $0 != " " }
        guard line.contains(":") else { return false }
        return key == "extends" || key == "schema_version" || key == "_target_"
          || LaunchConfig.section(named: String(key)) != nil
      }
  }
}

extension Node.Entry {
  /// Whether a launch config has such an entry at its top: the name of a section, or a name near it with a field of that
  /// section beneath.
  fileprivate var isOfLaunchConfig: Bool {
    if key == "schema_version" || key == "extends" || LaunchConfig.section(named: key) != nil { return true }
    guard let fields = value.entries, let name = FieldNames.sectionMeant(by: key)?.name,
      let schema = LaunchConfig.section(named: name)?.schema
    else { return false }
    return fields.contains { field in
      schema.fields.contains { $0.name == field.key || $0.aliases.contains(field.key) }
    }
  }
}
