export interface NginxTree {
  readonly directives: readonly never[];
}
