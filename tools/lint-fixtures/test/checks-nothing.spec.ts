// breaks jest(expect-expect)
it('checks nothing', () => {});
