// breaks jest(no-standalone-expect)
describe('one', () => {
  expect(1).toBe(1);
});
