// breaks jest(valid-expect-in-promise)
// breaks typescript(no-floating-promises)
it('is over before its promise is', () => {
  Promise.resolve(1).then((one) => expect(one).toBe(1));
});
