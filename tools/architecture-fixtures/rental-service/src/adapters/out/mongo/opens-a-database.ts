// breaks libsql-in-its-place
import Database from 'libsql';

export const opened = Database;
