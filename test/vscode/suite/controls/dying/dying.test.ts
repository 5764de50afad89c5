suite('control', () => {
  test('kills the extension host', () => {
    process.kill(process.pid, 'SIGKILL');
  });
});
