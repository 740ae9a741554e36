/**
 * A name under which the wiring finds a `Bound`. It is a symbol; the compiler is told that it is a class, because only of
 * a class can inversify's types tell what is bound to it.
 */
export type Token<Bound> = abstract new () => Bound;

export function token<Bound>(name: string): Token<Bound> {
  return Symbol(name) as unknown as Token<Bound>;
}
