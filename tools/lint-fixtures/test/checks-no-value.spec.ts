// breaks jest(valid-expect)
it('names a value, and expects nothing of it', () => {
  expect(1);
});
