/** Programs that start as root and change to another user themselves. */
const STEPPERS =
  /(?<![\w.-])(?:gosu|su-exec|setpriv|runuser|chpst|setuidgid|s6-setuidgid|s6-overlay|s6-svscan|supervisord|supervisorctl|fixuid|start-stop-daemon|sudo\s+-\S*u|su\s+-\S*\s*\S*\s*-c|chroot\s+--userspec|uwsgi|--setuid)(?![\w-])/;

/** Whether code names a program that changes to another user. */
export function namesStepper(code: string): boolean {
  return STEPPERS.test(code);
}
