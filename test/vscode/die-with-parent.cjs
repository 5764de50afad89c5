'use strict';
// Loaded into VS Code's server before anything else. The server waits hours for a lost window to come back, so when the harness is
// killed without having stopped it, it ends itself and its whole process group.
const EVERY_MILLISECONDS = 1000;

const parent = Number(process.env.VSCODE_HOST_PARENT);
// The server's own children must not take it for theirs.
delete process.env.VSCODE_HOST_PARENT;
if (parent) setInterval(endWithoutParent, EVERY_MILLISECONDS).unref();

function endWithoutParent() {
  if (isAlive(parent)) return;
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.exit(1);
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
