// In the place of the native module native-watchdog, which ends a process whose parent is gone: die-with-parent.cjs does that.
exports.start = () => {};
