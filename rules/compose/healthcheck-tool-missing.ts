import { mountsOf } from '../../syntaxes/compose/mounts.ts';
import { buildOf, imageOf, isBuilt, wordsOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
