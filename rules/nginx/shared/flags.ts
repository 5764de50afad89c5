/*
 * nginx compares the values of flags, and of other choices from a list, without regard to case:
 * `ngx_conf_set_flag_slot`, https://github.com/nginx/nginx/blob/master/src/core/ngx_conf_file.c.
 */

/** Whether a flag is on: `on`, `ON`. */
export function isOn(value: string | undefined): boolean {
  return value?.toLowerCase() === 'on';
}
