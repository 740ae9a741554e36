// breaks jest(no-focused-tests)
it.only('is one', () => {
  expect(1).toBe(1);
});
