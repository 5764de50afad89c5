import * as nodeModule from 'node:module';

/*
 * The command's entry: from Node 22 on, compiled code is kept between runs, where Node keeps such things, which has to be turned on
 * before the rest is loaded. https://nodejs.org/api/module.html#moduleenablecompilecachecachedir
 */

const { enableCompileCache } = nodeModule as { readonly enableCompileCache?: () => void };
enableCompileCache?.();
nodeModule.createRequire(__filename)('./cli-main.js');
