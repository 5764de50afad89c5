/*
 * What the path of a configuration file says of its purpose.
 */

/** Names and folders whose values nobody uses as they are: examples to copy, schemas, data of tests. */
const SAMPLE =
  /(?:^|[/._-])(?:examples?|samples?|templates?|tmpl|tpl|dist|schema|mocks?|dummy|fixtures?|tests?|testing|testdata|spec|specs|e2e|unit-test|it|docs?|demo|quickstart|tutorial)(?=[/._-])/i;

const PRODUCTION = /(?:^|[/._-])(?:prod|production|live)(?=[/._-])/i;
const OTHER_STAGE =
  /(?:^|[/._-])(?:dev|devel|development|local|test|testing|ci|staging|stage|uat|qa|debug|override|default|defaults)(?=[/._-])/i;

/** Whether a file is an example or a test's, so that what looks like a secret in it is none. */
export function isSample(path: string): boolean {
  return SAMPLE.test(path);
}

/** Whether a file says by its name or its folder that it is production's. */
export function isProduction(path: string): boolean {
  return PRODUCTION.test(path) && !OTHER_STAGE.test(path.slice(path.lastIndexOf('/') + 1));
}
