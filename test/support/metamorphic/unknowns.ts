/** With the values of `.env` put in, a password that is no longer in the open would look as if it were. */
const COMMAND = 'The words of a command are read as they are written.';

const COMMANDS = {
  'compose/debug-mode': COMMAND,
  'compose/docker-tcp-exposed': COMMAND,
  'compose/docker-tcp-internal': COMMAND,
  'compose/envsubst-clobber': COMMAND,
  'compose/insecure-command': COMMAND,
  'compose/ssh-port': COMMAND,
  'compose/tls-verification-disabled': COMMAND,
};

const VARIANT = 'What someone may lay over the file does not change what is said of the file.';

const SPLIT = {
  'dockerfile/credential-command':
    'The rule that takes a token over tells some of them by the text on one line.',
};

const HEREDOC = 'Scripts in heredocs are not looked into.';
const EXEC = 'A shell that the exec form starts is not looked into.';

const MODE = 'A mode that is a variable is a text to Compose, which it reads as octal.';

const MODES = { 'compose/secret-mode-not-octal': MODE, 'compose/secret-world-readable': MODE };

const FROM_ENV = {
  ...COMMANDS,
  ...MODES,
  'compose/config-holds-secret': 'Variables are put into services, not into what is defined at the top.',
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
    'compose/restart-missing':
      'Another service waits for the end of the one, and not of its base, which runs too.',
    'compose/secret-shared': 'The base is a service too, which gets the secret.',
    'compose/shared-volume': 'The base is a service too, which writes to the volume.',
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
  'compose: as stack.yml': {
    'compose/fixed-name-scaled': 'A stack of Swarm publishes a port once for all replicas of a service.',
  },
  'compose: included by another file': {
    'compose/flat-network': 'The project is more than this file.',
    'compose/undefined-reference': 'Another file of the project may define the name.',
    'compose/unset-variable': 'The including file may name other environment files.',
  },
  'compose: a value from .env': FROM_ENV,
  'compose: a value from .env before a default': FROM_ENV,
  'compose: a value as the default of a variable': {
    ...COMMANDS,
    ...MODES,
    'compose/healthcheck-invalid': 'The form of a test is judged as it is written.',
    'compose/mount-propagation': 'The long syntax is read as it is written.',
    'compose/depends-on-started': 'A condition is read as it is written.',
    'compose/depends-on-unhealthy': 'A condition is read as it is written.',
  },
  'compose: in a file for production': {
    'compose/build-and-image': VARIANT,
    'compose/duplicate-port': 'Only services with an image or a build of their own are compared.',
    'compose/restart-missing': VARIANT,
    'compose/unused-secret': VARIANT,
  },
  'compose: every value as the default of a variable': {
    'compose/docker-tcp-exposed': COMMAND,
    'compose/tls-verification-disabled': 'Names of other parts of the project are read as they are written.',
  },
  'compose: every value from .env': {
    'compose/docker-tcp-exposed': COMMAND,
    'compose/password-file-supported':
      'A password in a variable is the smell; another rule reports a literal.',
    'compose/secret-in-build-args':
      'A stand-in is told by the value, and that of a credential is not looked at.',
  },
  'dockerfile: a line for each word of a RUN': SPLIT,
  'dockerfile: comments inside a continued RUN': SPLIT,
  'dockerfile: a line for each word of any instruction': SPLIT,
  'dockerfile: a RUN as a heredoc': {
    'dockerfile/secret-removed-later': HEREDOC,
    'dockerfile/undefined-var': HEREDOC,
  },
  'dockerfile: a RUN in the exec form of a shell': {
    'dockerfile/package-cache': EXEC,
    'dockerfile/update-alone': EXEC,
  },
  'dockerfile: a backtick as the escape character': {
    'dockerfile/shell-form-entrypoint':
      'The container may be one of Windows, where no POSIX shell reads the line.',
  },
};
