// breaks jest(no-commented-out-tests)
it('is one', () => {
  expect(1).toBe(1);
});

// it('is another', () => {
//   expect(1).toBe(1);
// });
