/** Where operators read what happened; pino's shape. Fields never hold names, e-mail addresses or bodies. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
