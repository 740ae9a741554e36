// breaks eslint(no-console)
console.log('printed');

export const printed = true;
