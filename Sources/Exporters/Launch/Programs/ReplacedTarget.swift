extension PythonPrograms {
  /// Lines of a program's `main` that write a folder anew, `--to`.
  ///
  /// - Parameter body: lines that write it at `made`.
  static func replacingTarget(by body: String) -> String {
    """
        # What stands there in the end is whole; an earlier one gives way to it.
        target = Path(options.to)
        made, replaced = target.with_name(target.name + ".new"), target.with_name(target.name + ".old")
        for folder in (made, replaced):
            shutil.rmtree(folder, ignore_errors=True)
    \(body)
        if target.exists():
            target.rename(replaced)
        made.rename(target)
        shutil.rmtree(replaced, ignore_errors=True)
    """
  }
}
