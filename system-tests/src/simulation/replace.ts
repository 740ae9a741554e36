/** Any method, with any `this`. */
type Method = (this: never, ...asked: never[]) => unknown;

interface Type {
  readonly prototype: object;
}

/**
 * Puts something else in the place of a method, private ones included: production code has no switch for this. The answer
 * puts it back.
 */
export function replace(type: Type, method: string, by: (original: Method) => Method): () => void {
  const original = Reflect.get(type.prototype, method) as Method;
  return define(type, method, { value: by(original), writable: true });
}

/** The same, where the method itself is not needed any more. */
export function instead(type: Type, method: string, by: Method): () => void {
  return define(type, method, { value: by, writable: true });
}

/** The same for a getter. */
export function answering(type: Type, getter: string, answer: unknown): () => void {
  return define(type, getter, { get: () => answer });
}

function define({ prototype }: Type, name: string, by: PropertyDescriptor): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, name);
  Object.defineProperty(prototype, name, { ...by, configurable: true });
  return () => {
    if (before) Object.defineProperty(prototype, name, before);
    else Reflect.deleteProperty(prototype, name);
  };
}
