import LaunchModel

/// What `--version` prints and files name.
let toolVersionLine = "moonlight \(toolVersion)"
