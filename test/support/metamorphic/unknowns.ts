/** With the values of `.env` put in, a password that is no longer in the open would look as if it were. */
const COMMAND = 'The words of a command are read as they are written.';

const FROM_ENV = {
  'compose/config-holds-secret': 'Variables are put into services, not into what is defined at the top.',
  'compose/secret-mode-not-octal': 'A mode that is a variable is a text to Compose, which it reads as octal.',
  'compose/secret-world-readable': 'A mode that is a variable is a text to Compose, which it reads as octal.',
  'compose/debug-mode': COMMAND,
  'compose/insecure-command': COMMAND,
  'compose/docker-tcp-exposed': COMMAND,
  'compose/docker-tcp-internal': COMMAND,
  'compose/ssh-port': COMMAND,
  'compose/tls-verification-disabled': COMMAND,
};

/**
 * Where a rule and a transformation do not agree, and why that is right: by transformation, then by rule. An entry that is of no use is a
 * failure, so that the table stays short.
 */
export const DOCUMENTED_UNKNOWNS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'compose: plain values in double quotes': {
    'compose/secret-mode-not-octal': 'Compose reads a number in quotes as octal, so the smell is gone.',
    'compose/secret-world-readable':
      'Compose reads a number in quotes as octal: "292" and "0x1ff" are no modes.',
  },
  'compose: long texts over several lines': {
    'compose/docker-tcp-internal': 'Found, but the option before the address is not marked with it.',
    'compose/secret-in-command': 'A credential in a label is told by the text on one line.',
  },
  'compose: behind extends in the file': {
    'compose/duplicate-port': 'Both services run then, and both publish the port: that is the smell.',
  },
  'compose: behind extends of another file': {
    'compose/undefined-reference':
      'What a file does not define may be defined by the one that extends its services.',
    'compose/unknown-key': 'A file of another name with unknown keys at its top may be no Compose file.',
  },
  'compose: in the override file': {
    'compose/duplicate-port': 'Only services with an image or a build of their own are compared.',
    'compose/credential-in-url': 'Well-known passwords are usual on a machine for development.',
    'compose/secret-in-environment': 'Well-known passwords are usual on a machine for development.',
  },
  'compose: a value from .env': FROM_ENV,
  'compose: a value from .env before a default': FROM_ENV,
  'dockerfile: a backtick as the escape character': {
    'dockerfile/shell-form-entrypoint':
      'The container may be one of Windows, where no POSIX shell reads the line.',
  },
};
