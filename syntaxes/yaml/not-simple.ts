/**
 * Thrown where YAML is not simple (see `fast.ts`): the full parser reads it then. It is no error, so it takes no stack with it, which
 * would cost more than the reading.
 */
export class NotSimple {}
