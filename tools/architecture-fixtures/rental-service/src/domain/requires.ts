// breaks domain-imports-domain
import path = require('node:path');

export const required = path;
