export type FormatName = 'pretty' | 'json' | 'sarif' | 'github' | 'markdown' | 'html';

export const FORMAT_NAMES: readonly FormatName[] = ['pretty', 'json', 'sarif', 'github', 'markdown', 'html'];
