// In the place of the native module @vscode/spdlog: the same log files, written with `fs`.
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];
const INFO = 2;

class Logger {
  constructor(file) {
    this.file = file;
    this.level = INFO;
    this.isRaw = false;
    mkdirSync(dirname(file), { recursive: true });
  }

  getLevel() {
    return this.level;
  }

  setLevel(level) {
    this.level = level;
  }

  clearFormatters() {
    this.isRaw = true;
  }

  setPattern() {}
  flush() {}
  drop() {}
}

LEVELS.forEach((name, level) => {
  Logger.prototype[name] = function log(message) {
    if (level < this.level) return;
    try {
      appendFileSync(this.file, this.isRaw ? message : `${new Date().toISOString()} [${name}] ${message}\n`);
    } catch {
      // The folder is gone: the server is shutting down.
    }
  };
});

const createLogger = async (_name, file) => new Logger(file);

// One by one, so that Node finds these names when an ES module imports them.
exports.version = 11100;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.shutdown = () => {};
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
