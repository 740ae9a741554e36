// breaks src-declares-its-packages
import { Registry } from 'prom-client';

export const borrowed = new Registry();
