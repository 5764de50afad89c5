/** Whether the name of a file says that it only shows how the real one looks: `.env.example`, `sample.env`. */
export function isExampleName(name: string): boolean {
  return /(?:^|[._-])(?:examples?|samples?|templates?|tmpl|tpl|dist|defaults?|skel|skeleton)(?:[._-]|$)/i.test(
    name,
  );
}

/** Whether a name says that something is for developers or tests. */
export function isDeveloperName(name: string): boolean {
  return /(?:^|[._-])(?:dev|develop|development|debug|local|tests?|testing|e2e|ci)(?:$|[._-])/i.test(name);
}
