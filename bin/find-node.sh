# Sourced with $root set; sets $node to the Node that runs Waybill. It is the one pinned in package.json, which npm installed, whatever
# the machine has. Where npm has none for the platform, or it cannot run (musl), the machine's own must be new enough to run TypeScript.
case $(uname -s) in
  Linux) platform=linux ;;
  Darwin) platform=darwin ;;
  MINGW* | MSYS* | CYGWIN*) platform=win ;;
  *) platform=$(uname -s) ;;
esac
case $(uname -m) in
  x86_64 | amd64) arch=x64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) arch=$(uname -m) ;;
esac

node=$root/node_modules/node-$platform-$arch/bin/node
if ! "$node" --version >/dev/null 2>&1; then
  node=node
  runs_typescript='const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 23 || (a === 23 && b >= 6) || (a === 22 && b >= 18) ? 0 : 1)'
  if ! "$node" -e "$runs_typescript" 2>/dev/null; then
    echo "Waybill needs Node 22.18 or newer on this machine ($platform-$arch), because npm has no pinned Node for it." >&2
    echo "Found: $(node --version 2>/dev/null || echo 'no Node at all'). Install a current one from https://nodejs.org, then try again." >&2
    exit 1
  fi
fi
