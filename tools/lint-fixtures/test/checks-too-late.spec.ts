// breaks jest(valid-expect)
// breaks typescript(no-floating-promises)
it('is over before its promise is', () => {
  expect(Promise.resolve(1)).resolves.toBe(1);
});
