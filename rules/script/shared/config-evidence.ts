/*
 * What the path of a script says: whether it belongs to a running system, or builds, tests and mends it.
 */

/** Folders of what is not the system itself. */
const OTHER_FOLDER =
  /(?:^|\/)(?:tests?|__tests__|__mocks__|specs?|fixtures|__fixtures__|examples?|samples?|docs?|scripts?|tools?|tooling|bench|benchmarks?|e2e|migrations?|dist|build|out|vendor|third_party|bin|cypress|playwright|demo|\.[\w-]+)\//i;

/** Build tools' own configuration, tests, command lines and installers. */
const OTHER_FILE =
  /(?:\.(?:test|tests|spec|e2e|bench|stories|story|mock|fixture)\.[cm]?[jt]sx?|^(?:vite|vitest|webpack|rollup|next|nuxt|astro|jest|babel|tailwind|postcss|eslint|prettier|docusaurus|svelte|playwright|cypress|metro|tsup|esbuild|vue|angular|karma|commitlint|lint-staged|stylelint|release|drizzle|unocss|remix|gatsby(?:-\w+)?|craco|redocly|orval|codegen|graphql|ecosystem|protractor|wdio|rspack|farm|knip|turbo|nx|lerna|syncpack)\.config\.[cm]?[jt]s|^(?:gulpfile|gruntfile|jakefile)\.[cm]?[jt]s|^(?:post-?install|pre-?install|cli|setup|install|build|generate|codegen|release|deploy|seed|migrate|recover|publish|lint|update-[\w-]+|generate-[\w-]+|build-[\w-]+)\.[cm]?[jt]s)$/i;

const TEST_LIBRARY =
  /(?:from|require\()\s{0,4}['"](?:node:test|vitest|bun:test|@jest\/globals|mocha|chai|ava|tape|@playwright\/test)['"]/;

/** Whether a script is part of what runs, judged by its path below the workspace folder, its first line and what it imports. */
export function isPartOfSystem(path: string, text: string): boolean {
  if (OTHER_FOLDER.test(path) || OTHER_FILE.test(path.slice(path.lastIndexOf('/') + 1))) return false;
  return !text.startsWith('#!') && !TEST_LIBRARY.test(text);
}
