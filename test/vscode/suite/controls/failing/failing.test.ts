import assert from 'node:assert/strict';

suite('control', () => {
  test('passes', () => {
    assert.ok(true);
  });

  test('fails', () => {
    assert.fail('on purpose');
  });
});
